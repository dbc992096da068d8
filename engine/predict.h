/* Linear prediction, models/prediction.py once more: see there for what it is. */
#ifndef PREDICT_H
#define PREDICT_H

#include <stdint.h>

typedef struct {
    int32_t order, window, every; /* order 0: the model does not predict */
    int32_t block;                /* a power of two, at least the order and a sixteenth of the window */
    int32_t mean;                 /* over so many samples, taken off before the fit; 0: none */
    double noise, silence;        /* NOISE, SILENCE */
    const double *roots;          /* [block, 2]: cosine and sine of pi i / block */
    const double *decoded;        /* [Q]: the sound of each code */
} Predictor;

/* The sum of a[i] b[i], in so many sums side by side that none waits for another */
static inline double dot(const double *restrict a, const double *restrict b, int count) {
    double sums[16] = {0}, sum = 0;
    int i = 0;
    for (; i + 16 <= count; i += 16)
        for (int j = 0; j < 16; j++) sums[j] += a[i + j] * b[i + j];
    for (; i < count; i++) sum += a[i] * b[i];
    for (int j = 0; j < 16; j++) sum += sums[j];
    return sum;
}

/* Coefficients for the samples after `heard`, [window], latest sample last -> fitted [order], latest last.
 * space: 37 block + 9 (order + 1) + 1 + window numbers. */
void samplernn_coefficients(const Predictor *predictor, const double *heard, double *fitted, double *space);

#endif
