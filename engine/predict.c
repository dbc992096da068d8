/* The fit of the linear prediction: by autocorrelation and Levinson's recursion, all in double precision, because a
 * prediction near zero lies where the scale of codes is 6000 times as fine as the sound's. */
#include "predict.h"

#include <string.h>

#define LANES 8 /* signals side by side, so that what is done to each becomes vectors */

typedef double Lanes[LANES];

/* Fourier transform, in place, of `size` complex numbers of each lane; the results in bit-reversed order. Half by
 * half, so that it soon stays in the first-level cache. stride: of the roots of 1 */
static void forward(Lanes *restrict re, Lanes *restrict im, int size, const double *roots, int stride) {
    const int half = size / 2;
    for (int i = 0; i < half; i++) {
        const double c = roots[2 * i * stride], s = roots[2 * i * stride + 1];
        double *restrict ar = re[i], *restrict ai = im[i], *restrict br = re[i + half], *restrict bi = im[i + half];
        for (int l = 0; l < LANES; l++) {
            const double r = ar[l] - br[l], q = ai[l] - bi[l];
            ar[l] += br[l], ai[l] += bi[l];
            br[l] = c * r + s * q, bi[l] = c * q - s * r;
        }
    }
    if (half > 1) {
        forward(re, im, half, roots, 2 * stride);
        forward(re + half, im + half, half, roots, 2 * stride);
    }
}

/* The way back, of one signal, without the division by its size */
static void backward(double *restrict re, double *restrict im, int size, const double *roots, int stride) {
    const int half = size / 2;
    if (half > 1) {
        backward(re, im, half, roots, 2 * stride);
        backward(re + half, im + half, half, roots, 2 * stride);
    }
    for (int i = 0; i < half; i++) {
        const double c = roots[2 * i * stride], s = roots[2 * i * stride + 1];
        const double r = c * re[i + half] - s * im[i + half], q = c * im[i + half] + s * re[i + half];
        re[i + half] = re[i] - r, im[i + half] = im[i] - q;
        re[i] += r, im[i] += q;
    }
}

/* sums [block + 1]: of x[n] x[n + lag] over the window, x being what was heard, tapered.
 *
 * Each block of x with itself and the block after it, by Fourier transforms of twice its size. Lane l is block l
 * with, as its imaginary part, block LANES + l: the real part of what comes of the sum over the lanes is the sum over
 * both. Only after the last lane comes a block that is no lane: the imaginary part of the first. */
static void correlate(const Predictor *p, const double *heard, double *sums, double *space) {
    const int block = p->block, size = 2 * block;
    Lanes *re = (Lanes *)space, *im = re + size;
    double *r = (double *)(im + size), *q = r + size;
    memset(space, 0, 2 * size * sizeof(Lanes));
    for (int b = 0; b < 2 * LANES; b++) {
        Lanes *to = b < LANES ? re : im;
        const int start = b * block, end = start + block < p->window ? start + block : p->window;
        for (int n = start; n < end; n++) to[n - start][b % LANES] = heard[n] * p->taper[n];
    }
    forward(re, im, size, p->roots, 1);
    int top = 1;
    for (int i = 0; i < size; i++) {
        if (i == 2 * top) top = i;
        const int opposite = i ^ (top - 1); /* the same frequency, negative, in bit-reversed order */
        const double *zr = re[i], *zi = im[i];
        const double next_r = (zi[0] + im[opposite][0]) / 2, next_i = (re[opposite][0] - zr[0]) / 2;
        double power = 0;
        double cross_r = zr[LANES - 1] * next_r + zi[LANES - 1] * next_i;
        double cross_i = zr[LANES - 1] * next_i - zi[LANES - 1] * next_r;
        for (int l = 0; l < LANES; l++) power += zr[l] * zr[l] + zi[l] * zi[l];
        for (int l = 0; l < LANES - 1; l++) {
            cross_r += zr[l] * zr[l + 1] + zi[l] * zi[l + 1];
            cross_i += zr[l] * zi[l + 1] - zi[l] * zr[l + 1];
        }
        const double sign = i < block ? 1 : -1; /* a block later: every other frequency turned round */
        r[i] = power + sign * cross_r;
        q[i] = sign * cross_i;
    }
    backward(r, q, size, p->roots, 1);
    for (int lag = 0; lag <= block; lag++) sums[lag] = r[lag] / size;
}

void samplernn_coefficients(const Predictor *p, const double *heard, double *fitted, double *space) {
    const int order = p->order;
    double *known = space, *next = known + order, *backwards = next + order, *correlation = backwards + order;
    correlate(p, heard, correlation, correlation + p->block + 1);
    correlation[0] = correlation[0] * (1 + p->noise) + p->silence;
    for (int i = 0; i < order; i++) backwards[i] = correlation[order - i];
    double error = correlation[0];
    for (int i = 0; i < order; i++) { /* each order from the one before */
        const double *lags = backwards + order - i; /* correlation[i], ..., correlation[1] */
        const double reflection = (correlation[i + 1] - dot(known, lags, i)) / error;
        const double *restrict old = known;
        double *restrict new = next;
        for (int j = 0; j < i; j++) new[j] = old[j] - reflection * old[i - 1 - j];
        new[i] = reflection;
        next = known, known = new;
        error *= 1 - reflection * reflection;
    }
    for (int i = 0; i < order; i++) fitted[i] = known[order - 1 - i];
}
