"""The cases of the models over sequences: recurrent, convolutional and attending ones.

Small, and without dropout: what it drops is drawn differently here and there.
"""

FUTURE, HISTORIC, STATIC = ["f0", "f1"], ["x0", "x1", "x2"], ["s0", "s1"]
EXOG = {"futureExog": FUTURE, "historicExog": HISTORIC, "staticExog": STATIC}
WEIGHT_11 = [1.0, 0.5, 2.0, 1.0, 0.0, 1.5, 1.0, 0.25, 3.0, 1.0, 0.75]

PLAIN = {"horizon": 12, "inputSize": 24}
ODD = {"horizon": 11, "inputSize": 37}
LONG = {"horizon": 13, "inputSize": 8}  # the horizon is longer than the lookback
TINY = {"horizon": 6, "inputSize": 10}


def loss(name, **options):
    return {"loss": {"name": name, **options}}


def encoder(layers=2, units=12, **options):
    return {"encoderNLayers": layers, "encoderHiddenSize": units, "decoderHiddenSize": 10,
            **options}


def fed_back(h_train, layers=2, units=12, **options):
    """The recurrent form, which has no decoder."""
    return {"recurrent": True, "hTrain": h_train, "encoderNLayers": layers,
            "encoderHiddenSize": units, **options}


def direct_cases():
    """What every model with a recurrent encoder and an MLP decoder is tried with."""
    return {
        "default": {**PLAIN, **encoder()},
        "odd": {**ODD, **encoder(1, 13), **loss("MQLoss", level=[80, 95])},
        "three_layers": {**TINY, **encoder(3, 9, decoderLayers=3), **loss("HuberLoss", delta=0.5)},
        "long_horizon": {**LONG, **encoder(), **loss("SMAPE")},
        "no_bias": {**ODD, **encoder(2, 8, encoderBias=False), **loss("MSE")},
        "linear_decoder": {**TINY, **encoder(1, 17, decoderLayers=1), **loss("RMSE")},
        "one_step": {"horizon": 1, "inputSize": 5, **encoder(1, 8)},
        "future": {**PLAIN, **encoder(1), "futureExog": FUTURE},
        "historic": {**TINY, **encoder(2, 8), "historicExog": HISTORIC,
                     **loss("QuantileLoss", q=0.3)},
        "static": {**ODD, **encoder(1, 16), "staticExog": STATIC,
                   **loss("HuberMQLoss", level=[80], horizonWeight=WEIGHT_11)},
        "all_exog": {**ODD, **encoder(2, 11), **EXOG, **loss("MQLoss", quantiles=[0.1, 0.5, 0.9])},
        "all_exog_long": {**LONG, **encoder(1, 10), **EXOG, **loss("MSE")},
    }


def recurrent_cases():
    return {
        "recurrent": {**PLAIN, **fed_back(1)},
        "recurrent_odd": {**ODD, **fed_back(5, 1, 13), **loss("MSE")},
        "recurrent_three": {**TINY, **fed_back(6, 3, 9, encoderBias=False),
                            **loss("HuberLoss")},
        "recurrent_long": {**LONG, **fed_back(3), **EXOG, **loss("MAE")},
        "recurrent_future": {**TINY, **fed_back(1, 1), "futureExog": FUTURE, **loss("SMAPE")},
        "recurrent_historic": {**TINY, **fed_back(2), "historicExog": HISTORIC, **loss("MSE")},
        "recurrent_mq": {**ODD, **fed_back(4), **EXOG, **loss("MQLoss", level=[80, 95])},
    }


def deepar(h_train, layers=2, units=12, **options):
    return {"hTrain": h_train, "lstmNLayers": layers, "lstmHiddenSize": units, "lstmDropout": 0.0,
            **options}


def distribution(name, **options):
    """Beside a scaler by which its mean is fed back."""
    return {**loss("DistributionLoss", distribution=name, **options), "scalerType": "standard"}


def tcn(**options):
    return {"encoderHiddenSize": 10, "decoderHiddenSize": 9, **options}


def transformer(**options):
    return {"hiddenSize": 16, "nHead": 4, "convHiddenSize": 8, "dropout": 0.0, **options}


def inverted(series, **options):
    return {"nSeries": series, "hiddenSize": 16, "nHeads": 4, "eLayers": 2, "dFf": 12,
            "dropout": 0.0, **options}


def patchtst(**options):
    return {"hiddenSize": 12, "nHeads": 3, "linearHiddenSize": 10, "encoderLayers": 2,
            "dropout": 0.0, **options}


def tft(units=12, **options):
    return {"hiddenSize": units, "nHead": 4, "dropout": 0.0, "scalerType": "identity", **options}


def attention(layers=1, units=12, **options):
    return encoder(layers, units, **options)


CASES = {
    "RNN": {
        **direct_cases(),
        "relu": {**ODD, **encoder(2, 11, encoderActivation="relu"), **loss("MSE")},
        **recurrent_cases(),
        "recurrent_relu": {**TINY, **fed_back(3, 2, 8, encoderActivation="relu"), **loss("MSE")},
    },
    "LSTM": {**direct_cases(), **recurrent_cases()},
    "GRU": {**direct_cases(), **recurrent_cases()},
    "DeepAR": {
        "point": {**PLAIN, **deepar(1), **loss("MAE")},
        "student_t": {**ODD, **deepar(5), **distribution("StudentT")},
        "normal": {**LONG, **deepar(3, 1, 13, decoderHiddenLayers=1, decoderHiddenSize=7),
                   **distribution("Normal"), "futureExog": FUTURE, "staticExog": STATIC},
        "decoder": {**TINY, **deepar(6, 3, 9, decoderHiddenLayers=2, decoderHiddenSize=8),
                    **loss("MSE"), "futureExog": FUTURE},
        "static": {**TINY, **deepar(2, 1), **loss("HuberLoss"), "staticExog": STATIC},
        "negative_binomial": {**TINY, **deepar(4), **distribution("NegativeBinomial"),
                              "futureExog": FUTURE},
    },
    "TCN": {
        "default": {**PLAIN, **tcn()},
        "odd": {**ODD, **tcn(kernelSize=3), **loss("MQLoss", level=[80, 95])},
        "long_horizon": {**LONG, **tcn(dilations=[1, 2, 4]), **loss("SMAPE")},
        "wide_kernel": {**ODD, **tcn(kernelSize=7, dilations=[1, 3, 5], decoderLayers=3,
                                     encoderActivation="Tanh"), **loss("MSE")},
        # A kernel that reaches back before the window.
        "beyond": {**TINY, **tcn(kernelSize=2, dilations=[16, 4]), **loss("HuberLoss")},
        "selu": {**TINY, **tcn(dilations=[1, 1], encoderActivation="SELU", decoderLayers=1),
                 **loss("RMSE")},
        "one_layer": {**TINY, **tcn(dilations=[2], encoderActivation="Sigmoid")},
        "softplus": {**TINY, **tcn(dilations=[1, 2], encoderActivation="Softplus")},
        "leaky": {**ODD, **tcn(kernelSize=4, dilations=[1, 2, 1], encoderActivation="LeakyReLU",
                               encoderHiddenSize=17), **loss("QuantileLoss", q=0.7)},
        "one_step": {"horizon": 1, "inputSize": 5, **tcn(dilations=[1, 2])},
        "future": {**PLAIN, **tcn(dilations=[1, 2, 4]), "futureExog": FUTURE},
        "historic": {**TINY, **tcn(dilations=[1, 2]), "historicExog": HISTORIC, **loss("MSE")},
        "static": {**ODD, **tcn(dilations=[1, 4]), "staticExog": STATIC,
                   **loss("HuberMQLoss", level=[80], horizonWeight=WEIGHT_11)},
        "all_exog": {**LONG, **tcn(kernelSize=3, dilations=[1, 2]), **EXOG,
                     **loss("MQLoss", quantiles=[0.1, 0.5, 0.9])},
    },
    "VanillaTransformer": {
        "default": {**PLAIN, **transformer()},
        "odd": {**ODD, **transformer(), **loss("MQLoss", level=[80, 95])},
        "long_horizon": {**LONG, **transformer(), **loss("SMAPE")},
        "relu": {**ODD, **transformer(activation="relu", nHead=2), **loss("MSE")},
        "one_head": {**TINY, **transformer(nHead=1, hiddenSize=10, convHiddenSize=7),
                     **loss("HuberLoss")},
        "narrow_heads": {**TINY, **transformer(nHead=6, hiddenSize=18), **loss("RMSE")},
        "deep": {**TINY, **transformer(encoderLayers=3, decoderLayers=2, hiddenSize=8, nHead=2,
                                       convHiddenSize=12), **loss("MSE")},
        "shallow": {**ODD, **transformer(encoderLayers=1, decoderInputSizeMultiplier=0.2)},
        "long_label": {**TINY, **transformer(encoderLayers=1, decoderInputSizeMultiplier=0.85),
                       **loss("QuantileLoss", q=0.3)},
        "one_step": {"horizon": 1, "inputSize": 5, **transformer(encoderLayers=1, hiddenSize=8)},
        "future": {**ODD, **transformer(), "futureExog": FUTURE,
                   **loss("MQLoss", quantiles=[0.1, 0.5, 0.9], horizonWeight=WEIGHT_11)},
        "future_long": {**LONG, **transformer(activation="relu", encoderLayers=1),
                        "futureExog": FUTURE, **loss("MSE")},
    },
    "iTransformer": {
        "default": {**PLAIN, **inverted(3)},
        "odd": {**ODD, **inverted(7, hiddenSize=15, nHeads=3),
                **loss("MQLoss", level=[80, 95], horizonWeight=WEIGHT_11)},
        "no_norm": {**TINY, **inverted(5, useNorm=False, eLayers=1), **loss("MSE")},
        "long_horizon": {**LONG, **inverted(2, nHeads=1, hiddenSize=10), **loss("SMAPE")},
        "deep": {**TINY, **inverted(4, eLayers=3, hiddenSize=8, nHeads=2), **loss("HuberLoss")},
        "one_series": {**TINY, **inverted(1), **loss("MQLoss", quantiles=[0.1, 0.5, 0.9])},
        "one_step": {"horizon": 1, "inputSize": 5, **inverted(3, eLayers=1, hiddenSize=8),
                     **loss("QuantileLoss", q=0.3)},
        "weighted": {**ODD, **inverted(19, eLayers=1), **loss("MAE", horizonWeight=WEIGHT_11)},
        "student_t": {**TINY, **inverted(4),
                      **loss("DistributionLoss", distribution="StudentT")},
    },
    "PatchTST": {
        "default": {**PLAIN, **patchtst(encoderLayers=3)},
        # Patches that overlap, and steps behind the last one.
        "odd": {**ODD, **patchtst(patchLen=7, stride=3), **loss("MQLoss", level=[80, 95])},
        # One patch, longer than the lookback.
        "long_horizon": {**LONG, **patchtst(patchLen=20), **loss("SMAPE")},
        "affine": {**ODD, **patchtst(revinAffine=True, patchLen=5, stride=4), **loss("MSE")},
        "mean": {**TINY, **patchtst(revinAffine=True, revinSubtractLast=False, patchLen=4,
                                    stride=2), **loss("HuberLoss")},
        "no_revin": {**TINY, **patchtst(revin=False, activation="relu", patchLen=3, stride=2),
                     **loss("MSE")},
        "pre_norm": {**ODD, **patchtst(batchNormalization=True, patchLen=6, stride=5),
                     **loss("MQLoss", quantiles=[0.1, 0.5, 0.9], horizonWeight=WEIGHT_11)},
        "own_scores": {**TINY, **patchtst(resAttention=False, patchLen=4, stride=2)},
        "fixed_positions": {**TINY, **patchtst(learnPosEmbed=False, patchLen=4, stride=3,
                                               encoderLayers=1), **loss("RMSE")},
        "one_head": {**ODD, **patchtst(nHeads=1, hiddenSize=9, patchLen=8, stride=8),
                     **loss("QuantileLoss", q=0.3)},
        "narrow_heads": {**TINY, **patchtst(nHeads=8, hiddenSize=8, patchLen=2, stride=1),
                         **loss("MSE")},
        # Steps between the patches are in none.
        "gaps": {**ODD, **patchtst(patchLen=3, stride=5, activation="relu")},
        "one_step": {"horizon": 1, "inputSize": 5, **patchtst(patchLen=3, stride=2)},
    },
    "TFT": {
        "default": {**PLAIN, **tft()},
        "odd": {**ODD, **tft(15, nHead=3), **loss("MQLoss", level=[80, 95])},
        "long_horizon": {**LONG, **tft(8, nHead=2), **loss("SMAPE")},
        "one_step": {"horizon": 1, "inputSize": 5, **tft(8)},
        "one_head": {**TINY, **tft(7, nHead=1, grnActivation="Tanh"), **loss("MSE")},
        "gru": {**TINY, **tft(10, nHead=2, rnnType="gru", grnActivation="SELU"), **loss("RMSE")},
        "layers": {**TINY, **tft(12, nRnnLayers=3, grnActivation="GELU"), **loss("HuberLoss")},
        "relu": {**TINY, **tft(8, grnActivation="ReLU"), "futureExog": FUTURE, **loss("MSE")},
        "future": {**PLAIN, **tft(), "futureExog": FUTURE},
        "historic": {**TINY, **tft(8, grnActivation="Sigmoid"), "historicExog": HISTORIC,
                     **loss("QuantileLoss", q=0.3)},
        "static": {**ODD, **tft(8), "staticExog": STATIC,
                   **loss("HuberMQLoss", level=[80], horizonWeight=WEIGHT_11)},
        "one_static": {**TINY, **tft(8, grnActivation="LeakyReLU"), "staticExog": STATIC[:1],
                       **loss("MSE")},
        "static_gelu": {**TINY, **tft(8, grnActivation="GELU", nRnnLayers=2,
                                      oneRnnInitialState=True),
                        "staticExog": STATIC, **loss("MSE")},
        "static_gru": {**TINY, **tft(9, nHead=3, rnnType="gru", nRnnLayers=2,
                                     grnActivation="Softplus"), **EXOG, **loss("MSE")},
        "all_exog": {**ODD, **tft(11, nHead=1), **EXOG,
                     **loss("MQLoss", quantiles=[0.1, 0.5, 0.9])},
        "all_exog_long": {**LONG, **tft(8, nRnnLayers=2), **EXOG, **loss("MSE")},
        "all_exog_gru": {**TINY, **tft(8, rnnType="gru", nRnnLayers=2, oneRnnInitialState=True),
                         **EXOG, **loss("MSE")},
    },
    "LSTMAttention": {
        "default": {**PLAIN, **attention(2)},
        "odd": {**ODD, **attention(1, 12, nHeads=3), **loss("MQLoss", level=[80, 95])},
        "long_horizon": {**LONG, **attention(), **loss("SMAPE")},
        "one_head": {**TINY, **attention(1, 9, nHeads=1), **loss("MSE")},
        "three_layers": {**TINY, **attention(3, 8, nHeads=2, decoderLayers=3, encoderBias=False),
                         **loss("HuberLoss", delta=0.5)},
        "linear_decoder": {**TINY, **attention(1, 16, decoderLayers=1), **loss("RMSE")},
        "one_step": {"horizon": 1, "inputSize": 5, **attention(1, 8)},
        "all_exog": {**ODD, **attention(2), **EXOG, **loss("MQLoss", quantiles=[0.1, 0.5, 0.9])},
        "all_exog_long": {**LONG, **attention(), **EXOG, **loss("MSE")},
    },
}

TRAINED = {
    "RNN": {**ODD, **encoder(2, 8), **EXOG, **loss("MSE")},
    "LSTM": {**ODD, **encoder(2, 8), **EXOG, **loss("MSE")},
    "GRU": {**ODD, **encoder(2, 8), **EXOG, **loss("MSE")},
    "DeepAR": {**ODD, **deepar(5, 2, 8), "futureExog": FUTURE, "staticExog": STATIC,
               **distribution("StudentT")},
    "TCN": {**ODD, **tcn(dilations=[1, 2, 4]), **EXOG, **loss("MSE")},
    "VanillaTransformer": {**ODD, **transformer(encoderLayers=1), "futureExog": FUTURE,
                           **loss("MSE")},
    "iTransformer": {**ODD, **inverted(5), **loss("MSE")},
    "PatchTST": {**ODD, **patchtst(patchLen=6, stride=6, revinAffine=True), **loss("MSE")},
    "TFT": {**ODD, **tft(10, nHead=2), **EXOG, **loss("MSE")},
    "LSTMAttention": {**ODD, **attention(), **EXOG, **loss("MSE")},
}
