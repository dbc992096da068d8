/* Linear prediction, models/prediction.py once more: see there for what it is. */
#ifndef PREDICT_H
#define PREDICT_H

#include <stdint.h>

typedef struct {
    int32_t order, window, every; /* order 0: the model does not predict */
    double noise, silence;        /* NOISE, SILENCE */
    const double *taper;          /* [window] */
    const double *decoded;        /* [Q]: the sound of each code */
} Predictor;

/* Coefficients for the samples after `heard`, [window], latest sample last -> fitted [order], latest last.
 * space: window + 4 order + 2 LAGS numbers. */
void samplernn_coefficients(const Predictor *predictor, const double *heard, double *fitted, double *space);

#define LAGS 8

#endif
