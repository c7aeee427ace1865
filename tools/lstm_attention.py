"""LSTMAttention for NeuralForecast: an LSTM whose last states look back over all of its states.

neural-forecaster has this model and NeuralForecast has not. Trained here, for instance on a GPU, it
is exported as every other model (export_neuralforecast.py).

    from lstm_attention import LSTMAttention
    nf = NeuralForecast(models=[LSTMAttention(h=24, input_size=96)], freq="h")
"""

import torch
from neuralforecast import core
from neuralforecast.common._base_model import BaseModel
from neuralforecast.common._modules import MLP
from neuralforecast.losses.pytorch import MAE
from torch import nn


class LSTMAttention(BaseModel):
    """LSTM encoder, multi-head attention over its states, MLP decoder.

    L: input_size, H: encoder_hidden_size, F: number of future columns, Q: outputs of the loss.

    1. states [L, H]: LSTM over [y, historic, static, future[:L]]
    2. context [min(h, L), H]: LayerNorm(query + attention), where query is the last min(h, L)
       states and the keys and values are all of them
    3. h > L: a Linear(L -> h) over time
    4. forecast [h, Q]: MLP over [context, future[-h:]]

    Args beside those of every model of NeuralForecast:
        encoder_n_layers (int): layers of the LSTM.
        encoder_hidden_size (int): its state size; a multiple of n_heads.
        encoder_bias (bool): whether the LSTM has biases.
        encoder_dropout (float): dropout between the layers of the LSTM.
        n_heads (int): heads of the attention.
        attention_dropout (float): dropout of the attention's weights.
        decoder_hidden_size (int), decoder_layers (int): of the MLP.
    """

    EXOGENOUS_FUTR = True
    EXOGENOUS_HIST = True
    EXOGENOUS_STAT = True
    EXOGENOUS_CAT = False
    MULTIVARIATE = False
    RECURRENT = False

    def __init__(
        self,
        h: int,
        input_size: int = -1,
        encoder_n_layers: int = 2,
        encoder_hidden_size: int = 128,
        encoder_bias: bool = True,
        encoder_dropout: float = 0.0,
        n_heads: int = 4,
        attention_dropout: float = 0.0,
        decoder_hidden_size: int = 128,
        decoder_layers: int = 2,
        futr_exog_list=None,
        hist_exog_list=None,
        stat_exog_list=None,
        loss=MAE(),
        valid_loss=None,
        max_steps: int = 1000,
        learning_rate: float = 1e-3,
        num_lr_decays: int = -1,
        early_stop_patience_steps: int = -1,
        val_monitor: str = "ptl/val_loss",
        val_check_steps: int = 100,
        batch_size: int = 32,
        valid_batch_size=None,
        windows_batch_size: int = 128,
        inference_windows_batch_size: int = 1024,
        start_padding_enabled: bool = False,
        training_data_availability_threshold=0.0,
        step_size: int = 1,
        scaler_type: str = "robust",
        random_seed: int = 1,
        drop_last_loader: bool = False,
        alias=None,
        optimizer=None,
        optimizer_kwargs=None,
        lr_scheduler=None,
        lr_scheduler_kwargs=None,
        dataloader_kwargs=None,
        **trainer_kwargs,
    ):
        super().__init__(
            h=h,
            input_size=input_size,
            futr_exog_list=futr_exog_list,
            hist_exog_list=hist_exog_list,
            stat_exog_list=stat_exog_list,
            loss=loss,
            valid_loss=valid_loss,
            max_steps=max_steps,
            learning_rate=learning_rate,
            num_lr_decays=num_lr_decays,
            early_stop_patience_steps=early_stop_patience_steps,
            val_monitor=val_monitor,
            val_check_steps=val_check_steps,
            batch_size=batch_size,
            valid_batch_size=valid_batch_size,
            windows_batch_size=windows_batch_size,
            inference_windows_batch_size=inference_windows_batch_size,
            start_padding_enabled=start_padding_enabled,
            training_data_availability_threshold=training_data_availability_threshold,
            step_size=step_size,
            scaler_type=scaler_type,
            random_seed=random_seed,
            drop_last_loader=drop_last_loader,
            alias=alias,
            optimizer=optimizer,
            optimizer_kwargs=optimizer_kwargs,
            lr_scheduler=lr_scheduler,
            lr_scheduler_kwargs=lr_scheduler_kwargs,
            dataloader_kwargs=dataloader_kwargs,
            **trainer_kwargs,
        )
        self.hist_encoder = nn.LSTM(
            input_size=1 + self.hist_exog_size + self.stat_exog_size + self.futr_exog_size,
            hidden_size=encoder_hidden_size,
            num_layers=encoder_n_layers,
            bias=encoder_bias,
            dropout=encoder_dropout,
            batch_first=True,
        )
        self.attention = nn.MultiheadAttention(
            encoder_hidden_size, n_heads, dropout=attention_dropout, batch_first=True
        )
        self.norm = nn.LayerNorm(encoder_hidden_size)
        if self.h > self.input_size:
            self.upsample_sequence = nn.Linear(self.input_size, self.h)
        self.mlp_decoder = MLP(
            in_features=encoder_hidden_size + self.futr_exog_size,
            out_features=self.loss.outputsize_multiplier,
            hidden_size=decoder_hidden_size,
            num_layers=decoder_layers,
            activation="ReLU",
            dropout=0.0,
        )

    def forward(self, windows_batch):
        y = windows_batch["insample_y"]  # [B, L, 1]
        historic, future, static = (
            windows_batch[key] for key in ("hist_exog", "futr_exog", "stat_exog")
        )
        length = y.shape[1]
        parts = [y]
        if self.hist_exog_size > 0:
            parts.append(historic)
        if self.stat_exog_size > 0:
            parts.append(static.unsqueeze(1).expand(-1, length, -1))
        if self.futr_exog_size > 0:
            parts.append(future[:, :length])
        states, _ = self.hist_encoder(torch.cat(parts, dim=2))  # [B, L, H]
        query = states[:, -min(self.h, length) :]
        attended, _ = self.attention(query, states, states, need_weights=False)
        context = self.norm(query + attended)  # [B, min(h, L), H]
        if self.h > length:
            context = self.upsample_sequence(context.transpose(1, 2)).transpose(1, 2)
        if self.futr_exog_size > 0:
            context = torch.cat((context, future[:, -self.h :]), dim=2)
        return self.mlp_decoder(context)  # [B, h, Q]


# So that NeuralForecast.save() and load() know it, where this file is imported.
core.MODEL_FILENAME_DICT["lstmattention"] = LSTMAttention
