/* The fit of the linear prediction: by autocorrelation and Levinson's recursion, all in double precision, because a
 * prediction near zero lies where the scale of codes is 6000 times as fine as the sound's. */
#include "predict.h"

#include <string.h>

/* sums[i]: of x[n] x[n + lag + i] over n < count, for LAGS lags at once, so that they share what is read */
static void correlate(const double *x, int count, int lag, double *sums) {
    const double *y = x + lag;
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
    for (int n = 0; n < count; n++) {
        const double a = x[n];
        s0 += a * y[n], s1 += a * y[n + 1], s2 += a * y[n + 2], s3 += a * y[n + 3];
        s4 += a * y[n + 4], s5 += a * y[n + 5], s6 += a * y[n + 6], s7 += a * y[n + 7];
    }
    sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3, sums[4] = s4, sums[5] = s5, sums[6] = s6, sums[7] = s7;
}

void samplernn_coefficients(const Predictor *predictor, const double *heard, double *fitted, double *space) {
    const int order = predictor->order, window = predictor->window;
    double *tapered = space, *correlation = tapered + window + order + LAGS;
    double *backwards = correlation + order + LAGS, *restrict forward = backwards + order;
    for (int n = 0; n < window; n++) tapered[n] = heard[n] * predictor->taper[n];
    memset(tapered + window, 0, (order + LAGS) * sizeof(double));
    for (int lag = 0; lag <= order; lag += LAGS) correlate(tapered, window - lag, lag, correlation + lag);
    correlation[0] = correlation[0] * (1 + predictor->noise) + predictor->silence;
    for (int i = 0; i < order; i++) backwards[i] = correlation[order - i];
    /* the solution of each order from that of the one before, forward [i] and the other way round: the latter grows
     * towards the front of `fitted`, where at last it is what is asked for */
    double error = correlation[0];
    for (int i = 0; i < order; i++) {
        double *restrict reverse = fitted + order - i;
        const double *lags = backwards + order - i; /* correlation[i], ..., correlation[1] */
        double known = 0;
        for (int j = 0; j < i; j++) known += forward[j] * lags[j];
        const double reflection = (correlation[i + 1] - known) / error;
        for (int j = 0; j < i; j++) {
            const double a = forward[j], b = reverse[j];
            forward[j] = a - reflection * b;
            reverse[j] = b - reflection * a;
        }
        forward[i] = reverse[-1] = reflection;
        error *= 1 - reflection * reflection;
    }
}
