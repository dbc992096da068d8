/* The step and prime graphs as compiled loops, for processors.
 *
 * ONNX Runtime spends one to two microseconds on each node of a graph, ten times an audio sample; here that
 * is nothing, and what remains is reading the weights. It computes what models/graph.py writes down, from the
 * same arrays: see there for the model, and engine/native.py for the caller.
 *
 * Large matrices have 8-bit weights in blocks along the inputs, a scale each; what they are multiplied with is
 * rounded to 12 bits, so that 16-bit products sum exactly in 32 bits up to 8192 inputs. Small ones are float.
 *
 * V voices (up to MAX_VOICES), L samples a top-tier frame, D units, M units of the sample-level network,
 * Q levels. No allocation, no globals: any number of threads, each with its own scratch.
 */
#if defined(__AVX512BW__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=512") /* it shies away from them, on processors that have got over it */
#endif

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "predict.h"

#define MAX_TIERS 8
#define MAX_LAYERS 8
#define MAX_VOICES 64
#define BLOCK 128
#define ROWS 4
#define FULL_SCALE 2047.0f
#define MU 255.0

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT
#endif

typedef struct {
    int32_t outputs, inputs;
    const int8_t *codes;  /* [outputs, blocks * BLOCK], at least ROWS outputs; or none */
    const float *scales;  /* [outputs, blocks] */
    const float *weights; /* [inputs, outputs], where there are no codes */
    const float *bias;    /* [outputs] */
} Linear;

typedef struct {
    int32_t frame, slots;
    Linear input, upsampling, ih[MAX_LAYERS], hh[MAX_LAYERS];
} Tier;

typedef struct {
    int32_t tiers, units, layers, mlp_units, hidden_layers, lags, levels, lookback;
    const float *tables; /* [lags, levels, mlp_units], oldest sample first */
    Linear hidden[MAX_LAYERS], output;
    Tier tier[MAX_TIERS];
    Predictor predictor;
    const float *near, *slope;     /* [levels, mlp_units], [mlp_units] */
    const float *mix_slope, *bumps; /* [shapes], [shapes, 2 levels - 1] */
    Linear mix;
} Model;

typedef struct {
    const Model *model;
    int32_t voices;
    uint16_t *codes;    /* [V]: where this frame's begin, those before them in front */
    int64_t stride;     /* from one voice to the next */
    float *h;           /* [tiers, layers, V, D] */
    const float *noise; /* [L, V, Q] of this frame, or none: then it is primed */
    float *logits;      /* [L, V, Q] */
    const double *fitted; /* [V, order] */
    double *sound;      /* as codes, what they sound like */
    float *scratch;     /* what is left of it */
    int16_t *rounded;
} Frame;

/* y [V, outputs] = W x + b, x [V, inputs] with `stride` between voices */
static void linear(const Frame *f, const Linear *w, const float *x, int64_t stride, float *y) {
    const int outputs = w->outputs, inputs = w->inputs;
    if (!w->codes) {
        for (int v = 0; v < f->voices; v++) {
            float *restrict out = y + (int64_t)v * outputs;
            memcpy(out, w->bias, outputs * sizeof(float));
            for (int i = 0; i < inputs; i++) {
                const float a = x[v * stride + i];
                const float *restrict row = w->weights + (int64_t)i * outputs;
                if (a != 0) /* half of what a ReLU gives */
                    for (int o = 0; o < outputs; o++) out[o] += a * row[o];
            }
        }
        return;
    }
    const int blocks = (inputs + BLOCK - 1) / BLOCK, width = blocks * BLOCK;
    float step[MAX_VOICES];
    for (int v = 0; v < f->voices; v++) {
        const float *in = x + v * stride;
        int16_t *restrict to = f->rounded + (int64_t)v * width;
        float most = 1e-20f;
        for (int i = 0; i < inputs; i++) most = fabsf(in[i]) > most ? fabsf(in[i]) : most;
        const float up = FULL_SCALE / most;
        step[v] = most / FULL_SCALE;
        for (int i = 0; i < inputs; i++) to[i] = (int16_t)(int32_t)(in[i] * up + (in[i] < 0 ? -0.5f : 0.5f));
        memset(to + inputs, 0, (width - inputs) * sizeof(int16_t));
    }
    /* four rows at a time share what they are multiplied with; the last four may overlap those before */
    for (int first = 0; first < outputs; first += ROWS) {
        const int o = first + ROWS <= outputs ? first : outputs - ROWS;
        for (int v = 0; v < f->voices; v++) {
            float sums[ROWS] = {0};
            for (int b = 0; b < blocks; b++) {
                const int16_t *restrict in = f->rounded + (int64_t)v * width + b * BLOCK;
                const int8_t *row0 = w->codes + (int64_t)o * width + b * BLOCK;
                const int8_t *row1 = row0 + width, *row2 = row1 + width, *row3 = row2 + width;
                const float *scales = w->scales + (int64_t)o * blocks + b;
                int32_t dot0 = 0, dot1 = 0, dot2 = 0, dot3 = 0;
                for (int i = 0; i < BLOCK; i++) {
                    dot0 += (int32_t)row0[i] * in[i];
                    dot1 += (int32_t)row1[i] * in[i];
                    dot2 += (int32_t)row2[i] * in[i];
                    dot3 += (int32_t)row3[i] * in[i];
                }
                sums[0] += scales[0] * (float)dot0;
                sums[1] += scales[blocks] * (float)dot1;
                sums[2] += scales[2 * blocks] * (float)dot2;
                sums[3] += scales[3 * blocks] * (float)dot3;
            }
            for (int r = 0; r < ROWS; r++) y[(int64_t)v * outputs + o + r] = w->bias[o + r] + step[v] * sums[r];
        }
    }
}

/* e^x to about 2e-7, in a form that compilers turn into vectors */
static inline float exponential(float x) {
    x = x < -87 ? -87 : x > 87 ? 87 : x;
    const float t = x * 1.44269504f;
    const int32_t n = (int32_t)(t + (t < 0 ? -0.5f : 0.5f));
    const float r = (x - (float)n * 0.693359375f) + (float)n * 2.12194440e-4f;
    float p = 1.9875691e-4f;
    p = p * r + 1.3981999e-3f;
    p = p * r + 8.3334519e-3f;
    p = p * r + 4.1665796e-2f;
    p = p * r + 1.6666665e-1f;
    p = p * r + 5.0000001e-1f;
    p = p * r * r + r + 1;
    union { int32_t bits; float value; } two = {(n + 127) << 23};
    return p * two.value;
}

static inline float sigmoid(float x) { return 1 / (1 + exponential(-x)); }

static inline float hyperbolic_tangent(float x) { return 1 - 2 / (1 + exponential(2 * x)); }

/* one GRU layer, torch's convention: h [V, D] becomes the new one */
static void gru(const Frame *f, const Linear *ih, const Linear *hh, const float *x, float *h) {
    const int units = f->model->units;
    float *gx = f->scratch, *gh = gx + (int64_t)f->voices * 3 * units;
    linear(f, ih, x, units, gx);
    linear(f, hh, h, units, gh);
    for (int v = 0; v < f->voices; v++) {
        const float *restrict a = gx + (int64_t)v * 3 * units, *restrict b = gh + (int64_t)v * 3 * units;
        float *restrict state = h + (int64_t)v * units;
        for (int i = 0; i < units; i++) {
            const float r = sigmoid(a[i] + b[i]), z = sigmoid(a[units + i] + b[units + i]);
            const float n = hyperbolic_tangent(a[2 * units + i] + r * b[2 * units + i]);
            state[i] = n + z * (state[i] - n);
        }
    }
}

/* what is predicted of a sample, on the scale of codes: the code, and by how much that is too little */
typedef struct {
    int code;
    float fraction;
} Guess;

static Guess guess(const Model *m, const double *restrict fitted, const double *restrict past) {
    const double sum = dot(fitted, past, m->predictor.order);
    const double size = sum < 0 ? -sum : sum, middle = m->levels / 2;
    const double steps = middle * log1p(MU * (size < 1 ? size : 1)) / log1p(MU);
    const double place = middle + (sum < 0 ? -steps : steps);
    const float y = (float)(place < m->levels - 1 ? place : m->levels - 1);
    const float code = rintf(y);
    return (Guess){(int)code, y - code};
}

/* add to the logits what is likely around the guesses; x [V, M], mixed [V, shapes]: space */
static void spread(const Frame *f, const Guess *guesses, const float *x, float *mixed, float *logits) {
    const Model *m = f->model;
    const int levels = m->levels, shapes = m->mix.outputs;
    linear(f, &m->mix, x, m->mlp_units, mixed);
    for (int v = 0; v < f->voices; v++) {
        float *restrict out = logits + (int64_t)v * levels;
        for (int k = 0; k < shapes; k++) {
            const float *restrict bump = m->bumps + (int64_t)k * (2 * levels - 1) + levels - 1 - guesses[v].code;
            const float weight = mixed[v * shapes + k] + guesses[v].fraction * m->mix_slope[k];
            for (int q = 0; q < levels; q++) out[q] += weight * bump[q];
        }
    }
}

/* draw the code of one sample of every voice; conditioning: each voice's M numbers, `stride` apart */
static void sample(Frame *f, int position, const float *conditioning, int64_t stride) {
    const Model *m = f->model;
    const int units = m->mlp_units, levels = m->levels, order = m->predictor.order;
    float *x = f->scratch, *y = x + (int64_t)f->voices * units, *mixed = y + (int64_t)f->voices * units;
    Guess guesses[MAX_VOICES];
    for (int v = 0; v < f->voices; v++) {
        float *restrict sum = x + (int64_t)v * units;
        const uint16_t *window = f->codes + v * f->stride + position - m->lags;
        memcpy(sum, conditioning + v * stride, units * sizeof(float));
        for (int j = 0; j < m->lags; j++) {
            const float *restrict row = m->tables + ((int64_t)j * levels + window[j]) * units;
            for (int i = 0; i < units; i++) sum[i] += row[i];
        }
        if (order) {
            guesses[v] = guess(m, f->fitted + v * order, f->sound + v * f->stride + position - order);
            const float *restrict near = m->near + (int64_t)guesses[v].code * units;
            for (int i = 0; i < units; i++) sum[i] += near[i] + guesses[v].fraction * m->slope[i];
        }
        for (int i = 0; i < units; i++) sum[i] = sum[i] > 0 ? sum[i] : 0;
    }
    for (int l = 0; l < m->hidden_layers; l++) {
        float *swap = x;
        linear(f, &m->hidden[l], x, units, y);
        for (int64_t i = 0; i < (int64_t)f->voices * units; i++) y[i] = y[i] > 0 ? y[i] : 0;
        x = y, y = swap;
    }
    float *logits = f->logits + (int64_t)position * f->voices * levels;
    const float *noise = f->noise + (int64_t)position * f->voices * levels;
    linear(f, &m->output, x, units, logits);
    if (order) spread(f, guesses, x, mixed, logits);
    for (int v = 0; v < f->voices; v++) {
        const float *a = logits + (int64_t)v * levels, *g = noise + (int64_t)v * levels;
        float *restrict scores = f->scratch; /* the layers are done with it */
        for (int q = 0; q < levels; q++) scores[q] = a[q] + g[q];
        float best = scores[0];
        for (int q = 1; q < levels; q++) best = scores[q] > best ? scores[q] : best;
        int code = 0;
        while (code < levels - 1 && scores[code] < best) code++;
        f->codes[v * f->stride + position] = (uint16_t)code;
        if (order) f->sound[v * f->stride + position] = m->predictor.decoded[code];
    }
}

/* the tier walk: tier k at `position` of the frame, then all that hangs below it */
static void descend(Frame *f, int k, const float *above, int64_t stride, int position) {
    const Model *m = f->model;
    const Tier *tier = &m->tier[k];
    const int units = m->units, voices = f->voices, frame = tier->frame;
    const int below = k ? units : m->mlp_units;
    Frame inner = *f;
    float *codes = inner.scratch, *u = codes + (int64_t)voices * frame;
    inner.scratch = u + (int64_t)voices * units;
    for (int v = 0; v < voices; v++)
        for (int i = 0; i < frame; i++)
            codes[v * frame + i] = (float)f->codes[v * f->stride + position - frame + i];
    linear(&inner, &tier->input, codes, frame, u);
    if (above)
        for (int v = 0; v < voices; v++)
            for (int i = 0; i < units; i++) u[(int64_t)v * units + i] += above[v * stride + i];
    const float *y = u;
    for (int l = 0; l < m->layers; l++) {
        float *h = f->h + ((int64_t)k * m->layers + l) * voices * units;
        gru(&inner, &tier->ih[l], &tier->hh[l], y, h);
        y = h;
    }
    if (!k && !f->noise) return;
    float *handed = inner.scratch;
    const int64_t width = (int64_t)tier->slots * below;
    inner.scratch = handed + voices * width;
    linear(&inner, &tier->upsampling, y, units, handed);
    for (int slot = 0; slot < tier->slots; slot++) {
        if (k)
            descend(&inner, k - 1, handed + (int64_t)slot * units, width, position + slot * m->tier[k - 1].frame);
        else
            sample(&inner, position + slot, handed + (int64_t)slot * below, width);
    }
}

/* four 64-bit words of Philox4x64-10, the stream of NumPy's Philox(key=[seed, voice]) at this count */
static inline void philox(uint64_t low, uint64_t high, uint64_t seed, uint64_t voice, uint64_t out[4]) {
    uint64_t a = low, b = high, c = 0, d = 0;
    for (int round = 0; round < 10; round++) {
        const unsigned __int128 p = (unsigned __int128)0xD2E7470EE14C6C93ull * a;
        const unsigned __int128 q = (unsigned __int128)0xCA5A826395121157ull * c;
        a = (uint64_t)(q >> 64) ^ b ^ seed, b = (uint64_t)q;
        c = (uint64_t)(p >> 64) ^ d ^ voice, d = (uint64_t)p;
        seed += 0x9E3779B97F4A7C15ull, voice += 0xBB67AE8584CAA73Bull;
    }
    out[0] = a, out[1] = b, out[2] = c, out[3] = d;
}

/* ln x for normal x > 0, to about 1e-7 of it */
static inline float logarithm(float x) {
    union { float value; int32_t bits; } u = {x};
    const int32_t shifted = u.bits - 0x3f3504f3; /* around sqrt(1/2) */
    const int32_t exponent = shifted >> 23;
    u.bits -= exponent * (1 << 23);
    const float f = u.value - 1, s = f / (2 + f), z = s * s;
    const float p = z * (0.66666662693f + z * (0.40000972152f + z * (0.28498786688f + z * 0.24279078841f)));
    return (float)exponent * 0.69313812256f + (s * (f * f * 0.5f + p) - f * f * 0.5f + f + (float)exponent * 9.0580006145e-6f);
}

/* The noise of engine/noise.py: standard Gumbel, [frames, L, V, Q], of frames `first` and on. space: as many floats as a frame of one voice has, and 7 more. */
EXPORT void samplernn_noise(uint64_t seed, uint64_t first, int64_t frames, int64_t samples, int64_t voices,
                            int64_t levels, float *noise, float *space) {
    const int64_t size = samples * levels, counts = ((size + 1) / 2 + 3) / 4;
    uint32_t *bits = (uint32_t *)space;
    for (int64_t t = 0; t < frames; t++) {
        for (int64_t v = 0; v < voices; v++) {
            unsigned __int128 count = (unsigned __int128)(first + t) * counts + 1;
            for (int64_t i = 0; i < size; i += 8, count++) {
                uint64_t words[4];
                philox((uint64_t)count, (uint64_t)(count >> 64), seed, v, words);
                for (int j = 0; j < 4; j++) {
                    bits[i + 2 * j] = (uint32_t)words[j];
                    bits[i + 2 * j + 1] = (uint32_t)(words[j] >> 32);
                }
            }
            for (int64_t s = 0; s < samples; s++) {
                const uint32_t *restrict from = bits + s * levels;
                float *restrict to = noise + ((t * samples + s) * voices + v) * levels;
                for (int64_t q = 0; q < levels; q++) {
                    union { uint32_t bits; float value; } u = {from[q] >> 9 | 0x3f800000};
                    to[q] = -logarithm(-logarithm(u.value - (1 - 0x1p-24f)));
                }
            }
        }
    }
}

/* Make `frames` frames, or with no noise hear them.
 * codes [V, history + frames L]: what was drawn before, and after that room for what is now, or what is heard.
 * h: the state, in and out. noise, logits [frames, L, V, Q].
 * scratch: as many floats as the caller says; rounded: as many int16; for a model that predicts doubles: fitted
 * [V, order], sound as codes, space: see predict.h. */
EXPORT void samplernn_run(const Model *model, int32_t voices, int64_t frames, int64_t history, uint16_t *codes, float *h,
                          const float *noise, float *logits, float *scratch, int16_t *rounded, double *fitted,
                          double *sound, double *space) {
    const Predictor *p = &model->predictor;
    const int64_t lookback = model->lookback, size = lookback * voices * model->levels;
    const int64_t stride = history + frames * lookback;
    const int predicts = noise && p->order;
    for (int v = 0; predicts && v < voices; v++)
        for (int64_t i = 0; i < history; i++) sound[v * stride + i] = p->decoded[codes[v * stride + i]];
    for (int64_t t = 0; t < frames; t++) {
        const int64_t now = history + t * lookback;
        for (int v = 0; predicts && t * lookback % p->every == 0 && v < voices; v++)
            samplernn_coefficients(p, sound + v * stride + now - p->window, fitted + v * p->order, space);
        Frame f = {model, voices, codes + now, stride, h, noise ? noise + t * size : 0, noise ? logits + t * size : 0,
                   fitted, sound + now, scratch, rounded};
        descend(&f, model->tiers - 1, 0, 0, 0);
    }
}

/* The coefficients that come after `heard` [rows, window]; space: see predict.h. */
EXPORT void samplernn_fit(const Predictor *predictor, int64_t rows, const double *heard, double *fitted, double *space) {
    for (int64_t i = 0; i < rows; i++)
        samplernn_coefficients(predictor, heard + i * predictor->window, fitted + i * predictor->order, space);
}

/* Let this thread take numbers too small to matter for zero: computing with them is a hundred times slower. */
EXPORT void samplernn_flush_denormals(void) {
#if defined(__SSE2__)
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#elif defined(__aarch64__)
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | (1ull << 24)));
#endif
}
