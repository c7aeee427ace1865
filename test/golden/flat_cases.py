"""The cases of the models over flattened windows."""

from sequence_cases import EXOG, FUTURE, HISTORIC, LONG, ODD, PLAIN, STATIC, TINY, WEIGHT_11, loss


def narrow(layers=2, units=8):
    return {"mlpUnits": [[units, units]] * layers}


def one_stack(stack, blocks=1, **options):
    return {"stackTypes": [stack], "nBlocks": [blocks], **options}


def tide(units, **options):
    return {"hiddenSize": units, "decoderOutputDim": 5, "temporalDecoderDim": 7, "dropout": 0.0,
            **options}


CASES = {
    "MLP": {
        "default": {**PLAIN, "hiddenSize": 12},
        "odd": {**ODD, "hiddenSize": 13, "numLayers": 3, **loss("HuberLoss", delta=0.5)},
        "long_horizon": {**LONG, "hiddenSize": 9, "numLayers": 1, **loss("SMAPE")},
        "future": {**PLAIN, "hiddenSize": 10, "futureExog": FUTURE, **loss("MSE")},
        "historic": {**PLAIN, "hiddenSize": 10, "historicExog": HISTORIC, **loss("RMSE")},
        "static": {**ODD, "hiddenSize": 10, "staticExog": STATIC, **loss("QuantileLoss", q=0.3)},
        "all_exog": {**LONG, "hiddenSize": 11, **EXOG, **loss("MQLoss", level=[80, 95])},
        "huber_mq": {**ODD, "hiddenSize": 7,
                     **loss("HuberMQLoss", level=[80], horizonWeight=WEIGHT_11)},
        "student_t": {**ODD, "hiddenSize": 7, **loss("DistributionLoss", distribution="StudentT",
                                                     horizonWeight=WEIGHT_11)},
        "negative_binomial": {**PLAIN, "hiddenSize": 7,
                              **loss("DistributionLoss", distribution="NegativeBinomial")},
        "isqf": {**TINY, "hiddenSize": 7, **loss("DistributionLoss", distribution="ISQF")},
        "implicit": {**ODD, "hiddenSize": 7, **loss("IQLoss", cosEmbeddingDim=9)},
        "huber_implicit": {**TINY, "hiddenSize": 7,
                           **loss("HuberIQLoss", cosEmbeddingDim=6, delta=0.5)},
    },
    "DLinear": {
        "default": {**PLAIN},
        "odd": {**ODD, "movingAvgWindow": 7, **loss("MQLoss", quantiles=[0.1, 0.5, 0.9])},
        "long_horizon": {**LONG, **loss("MSE", horizonWeight=WEIGHT_11 + [1.0, 2.0])},
        "mape": {**TINY, "movingAvgWindow": 3, **loss("MAPE")},
    },
    "NLinear": {
        "default": {**PLAIN},
        "odd": {**ODD, **loss("MQLoss", level=[80, 95], horizonWeight=WEIGHT_11)},
        "long_horizon": {**LONG, **loss("RMSE")},
        "huber_q": {**TINY, **loss("HuberQLoss", q=0.7, delta=0.5)},
    },
    "NBEATS": {
        "default": {**PLAIN, **narrow(3)},
        "odd": {**ODD, **narrow(), **loss("MQLoss", level=[80, 95])},
        "long_horizon": {**LONG, **narrow(), **loss("HuberLoss")},
        "identity": {**ODD, **one_stack("identity", 2), "mlpUnits": [[10, 7], [7, 9]],
                     "activation": "Tanh", **loss("MSE")},
        "trend": {**ODD, **one_stack("trend", 2, nBasis=3), **narrow(), "activation": "SELU",
                  **loss("SMAPE")},
        "seasonality": {**ODD, **one_stack("seasonality", 2, nHarmonics=1), **narrow(),
                        "activation": "Sigmoid", **loss("RMSE")},
        "harmonics": {**ODD, **one_stack("seasonality", 1, nHarmonics=3), **narrow(),
                      "activation": "Softplus", **loss("HuberMQLoss", level=[90])},
        "leaky": {**TINY, **narrow(), "activation": "LeakyReLU", "nBlocks": [1, 2, 1],
                  **loss("QuantileLoss", q=0.8)},
        "shared": {**TINY, **narrow(), "nBlocks": [2, 2, 2], "sharedWeights": True},
        "one_step": {"horizon": 1, "inputSize": 5, **one_stack("identity"), **narrow()},
        "two_steps": {"horizon": 2, "inputSize": 5, **narrow()},
        **{
            f"basis_{basis}": {**TINY, **one_stack("trend", 1, nBasis=3, basis=basis),
                               **narrow(1), **loss("MQLoss", quantiles=[0.5, 0.9])}
            for basis in ("legendre", "chebyshev", "changepoint", "piecewise_linear",
                          "linear_hat", "spline")
        },
    },
    "NHITS": {
        "default": {**PLAIN, **narrow(3)},
        "odd": {**ODD, **narrow(), **loss("MQLoss", level=[80, 95])},
        "long_horizon": {**LONG, **narrow(), "nPoolKernelSize": [8, 4, 1],
                         "nFreqDownsample": [24, 12, 1], **loss("SMAPE")},
        "nearest": {**ODD, **narrow(), "poolingMode": "AvgPool1d", "interpolationMode": "nearest",
                    "activation": "Tanh", "nFreqDownsample": [5, 3, 1],
                    **loss("MQLoss", quantiles=[0.1, 0.5, 0.9])},
        "cubic": {**ODD, **narrow(), "interpolationMode": "cubic", "nFreqDownsample": [5, 2, 1],
                  **loss("MSE")},
        "average": {**ODD, **narrow(), "poolingMode": "AvgPool1d", "nPoolKernelSize": [16, 5, 3],
                    "activation": "SELU", **loss("HuberLoss", delta=0.3)},
        "sigmoid": {**TINY, **narrow(), "activation": "Sigmoid", **loss("RMSE")},
        "softplus": {**TINY, **narrow(), "activation": "Softplus", **loss("MAPE")},
        "leaky": {**TINY, **one_stack("identity", 2), "nPoolKernelSize": [3],
                  "nFreqDownsample": [2], "mlpUnits": [[10, 7], [7, 9], [9, 6]],
                  "activation": "LeakyReLU", **loss("QuantileLoss", q=0.2)},
        "future": {**LONG, **narrow(1), "futureExog": FUTURE, **loss("MAE")},
        "historic": {**TINY, **narrow(1), "historicExog": HISTORIC, **loss("HuberQLoss", q=0.4)},
        "static": {**TINY, **narrow(1), "staticExog": STATIC, **loss("MSE")},
        "all_exog": {**LONG, **narrow(1), **EXOG, **loss("MQLoss", level=[80, 95])},
        "all_exog_average": {**PLAIN, **narrow(1), **EXOG, "poolingMode": "AvgPool1d",
                             "nPoolKernelSize": [7, 4, 2],
                             **loss("HuberMQLoss", level=[80], delta=0.5)},
        # Dropout moves the indices in the parameter names; recorded in evaluation mode.
        "dropout": {**TINY, **narrow(), "dropoutProbTheta": 0.3},
        "gmm": {**PLAIN, **narrow(), **loss("GMM", nComponents=3, weighted=True)},
    },
    # With one output a step the last norm is not as in the library (native/models/tide.cc).
    "TiDE": {
        "default": {**PLAIN, **tide(12, layernorm=False)},
        "norm": {**PLAIN, **tide(12), **loss("MQLoss", level=[80, 95])},
        "odd": {**ODD, **tide(13, numEncoderLayers=2, numDecoderLayers=3, decoderOutputDim=3),
                **loss("MQLoss", quantiles=[0.1, 0.5, 0.9])},
        "long_horizon": {**LONG, **tide(9, layernorm=False), **loss("SMAPE")},
        "one_step": {"horizon": 1, "inputSize": 5, **tide(8, layernorm=False), **loss("RMSE")},
        "future": {**PLAIN, **tide(10), "futureExog": FUTURE, **loss("MQLoss", level=[90])},
        "historic": {**TINY, **tide(10, temporalWidth=3), "historicExog": HISTORIC,
                     **loss("HuberMQLoss", level=[80, 95], delta=0.5)},
        "static": {**ODD, **tide(10, layernorm=False), "staticExog": STATIC,
                   **loss("QuantileLoss", q=0.3)},
        "all_exog": {**ODD, **tide(11, temporalWidth=5), **EXOG,
                     **loss("MQLoss", level=[80, 95], horizonWeight=WEIGHT_11)},
        "all_exog_long": {**LONG, **tide(10, layernorm=False, numDecoderLayers=2), **EXOG,
                          **loss("MSE")},
    },
}

# Of ten steps.
TRAINED = {
    "MLP": {**ODD, "hiddenSize": 9, **EXOG, **loss("MSE")},
    "DLinear": {**ODD, **loss("MSE")},
    "NLinear": {**ODD, **loss("MSE")},
    "NBEATS": {**ODD, **narrow(), **loss("MSE")},
    "NHITS": {**ODD, **narrow(), **loss("MSE")},
    # Squared within its delta.
    "TiDE": {**ODD, **tide(9), **EXOG, **loss("HuberMQLoss", level=[80, 95], delta=10.0)},
}
