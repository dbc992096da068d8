/* The fit of the linear prediction: Burg's method in Vos's form, all in double precision, because a
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

/* sums [block + 1]: of x[n] x[n + lag] over the window, x being what was heard.
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
        for (int n = start; n < end; n++) to[n - start][b % LANES] = heard[n];
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

/* heard [window] -> sound [window], each less the mean of the samples up to it */
static void without_mean(const Predictor *p, const double *restrict heard, double *restrict sound) {
    double sum = 0;
    for (int i = 0; i < p->mean; i++) sum += heard[i];
    for (int i = 0; i < p->window; i++) {
        if (i >= p->mean) sum += heard[i] - heard[i - p->mean];
        sound[i] = heard[i] - sum / p->mean;
    }
}

void samplernn_coefficients(const Predictor *p, const double *heard, double *fitted, double *space) {
    const int order = p->order, size = order + 1;
    if (p->mean) {
        without_mean(p, heard, space);
        heard = space;
        space += p->window;
    }
    /* two of what each order makes anew from the one before */
    double *a = space, *new_a = a + size, *g = new_a + size, *new_g = g + size;
    double *column = new_g + size, *new_column = column + size, *turned = new_column + size;
    double *first = turned + size, *last = first + size; /* samples backwards: from the order-th; from the last */
    double *correlation = last + size;
    correlate(p, heard, correlation, correlation + p->block + 1);
    for (int i = 0; i < size; i++) first[i] = heard[order - i], last[i] = heard[p->window - 1 - i];
    a[0] = 1;
    g[0] = 2 * correlation[0] - heard[0] * heard[0] - last[0] * last[0] +
           2 * (p->noise * correlation[0] + p->silence * p->window);
    g[1] = column[0] = 2 * correlation[1];
    for (int n = 1;; n++) {
        const double *restrict from = a;
        double *restrict to = new_a;
        for (int j = 0; j <= n; j++) turned[j] = g[n - j];
        const double reflection = -dot(from, turned, n) / dot(from, g, n);
        to[0] = 1;
        for (int j = 1; j < n; j++) to[j] = from[j] + reflection * from[n - j];
        to[n] = reflection;
        new_a = a, a = to;
        if (n == order) break;
        /* one sample less is read at either end, and one more lag */
        const double *restrict old = column, *restrict here = g, *restrict back = turned;
        const double *restrict ahead = first + order - n, *restrict behind = heard + p->window - 1 - n;
        double *restrict more = new_column, *restrict sums = new_g;
        for (int j = 0; j < n; j++) more[j + 1] = old[j] - heard[j] * heard[n] - last[j] * last[n];
        more[0] = 2 * correlation[n + 1];
        const double of_first = dot(ahead, to, n + 1), of_last = dot(behind, to, n + 1);
        for (int j = 0; j <= n; j++)
            sums[j] = here[j] + reflection * back[j] - ahead[j] * of_first - behind[j] * of_last;
        sums[n + 1] = dot(more, to, n + 1);
        new_column = column, column = more;
        new_g = g, g = sums;
    }
    for (int i = 0; i < order; i++) fitted[i] = -a[order - i];
}
