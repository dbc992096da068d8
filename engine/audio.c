/* A ring of stereo frames between the engine's thread, which writes, and the audio thread, which reads.
 *
 * One writer and one reader, which never wait for each other: each owns one counter and only looks at the other's.
 * `samplernn_callback` is what PortAudio calls, from a thread that has never heard of Python: it copies, and when there
 * is nothing to copy it lets the last sound die away in a few milliseconds instead of a click. It does not wait,
 * allocate, log or fail. engine/ring.py is the caller of the rest.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

typedef struct {
    float *frames;            /* [capacity, 2] */
    int64_t capacity;
    int64_t ramp;             /* frames of a fade */
    int32_t channels;         /* of the device */
    _Atomic int64_t written;  /* the writer's */
    _Atomic int64_t consumed; /* the reader's, and so on down to late */
    _Atomic int64_t gaps;     /* times that the ring ran dry */
    _Atomic int64_t missing;  /* frames of silence in those */
    _Atomic int64_t calls;
    _Atomic int64_t late;     /* times that PortAudio says it could not keep up */
    _Atomic int64_t refill;   /* the writer's: frames that must be there before the sound comes back */
    _Atomic int32_t expecting; /* the writer's: whether running dry is a gap */
    _Atomic int32_t amid;     /* the writer's: whether its first frame is in the middle of a sound */
    /* the reader's own */
    int32_t waiting, in_gap;
    int64_t rise, fall;       /* frames into a fade in, and left of a fade out */
    float last[2];
} Ring;

EXPORT int64_t samplernn_ring_size(void) { return sizeof(Ring); }

/* ring: zeroed */
EXPORT void samplernn_ring_init(Ring *ring, float *frames, int64_t capacity, int64_t ramp, int32_t channels) {
    ring->frames = frames, ring->capacity = capacity, ring->ramp = ramp, ring->channels = channels;
    ring->waiting = 1;
}

EXPORT void samplernn_ring_set(Ring *ring, int64_t refill, int32_t expecting, int32_t amid) {
    atomic_store(&ring->refill, refill);
    atomic_store(&ring->amid, amid);
    atomic_store(&ring->expecting, expecting);
}

/* written, consumed, gaps, missing, calls, late */
EXPORT void samplernn_ring_counters(Ring *ring, int64_t *out) {
    /* what was consumed first: it never seems more than what was written */
    out[1] = atomic_load_explicit(&ring->consumed, memory_order_acquire);
    out[0] = atomic_load_explicit(&ring->written, memory_order_acquire);
    out[2] = atomic_load(&ring->gaps), out[3] = atomic_load(&ring->missing);
    out[4] = atomic_load(&ring->calls), out[5] = atomic_load(&ring->late);
}

/* Writer: as many of the frames [count, 2] as there is room for; returns how many. */
EXPORT int64_t samplernn_ring_write(Ring *ring, const float *from, int64_t count) {
    const int64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    const int64_t room = ring->capacity - (written - atomic_load_explicit(&ring->consumed, memory_order_acquire));
    count = count < room ? count : room;
    const int64_t at = written % ring->capacity, first = count < ring->capacity - at ? count : ring->capacity - at;
    memcpy(ring->frames + 2 * at, from, first * 2 * sizeof(float));
    memcpy(ring->frames, from + 2 * first, (count - first) * 2 * sizeof(float));
    atomic_store_explicit(&ring->written, written + count, memory_order_release);
    return count;
}

static inline void put(const Ring *ring, float **out, float left, float right) {
    float *frame = *out;
    if (ring->channels == 1) {
        frame[0] = 0.5f * (left + right);
    } else {
        frame[0] = left, frame[1] = right;
        for (int32_t c = 2; c < ring->channels; c++) frame[c] = 0;
    }
    *out = frame + ring->channels;
}

/* Reader: fill `count` frames of the device's channels, whatever there is; returns how many came from the ring. */
EXPORT int64_t samplernn_ring_read(Ring *ring, float *out, int64_t count) {
    const int64_t consumed = atomic_load_explicit(&ring->consumed, memory_order_relaxed);
    const int64_t there = atomic_load_explicit(&ring->written, memory_order_acquire) - consumed;
    const int32_t expecting = atomic_load(&ring->expecting);
    if (ring->waiting && there > 0 && (!expecting || there >= atomic_load(&ring->refill))) {
        ring->waiting = ring->in_gap = 0;
        ring->rise = consumed || atomic_load(&ring->amid) ? 0 : ring->ramp; /* a beginning fades in by itself */
        ring->fall = 0;
    }
    int64_t taken = 0;
    if (!ring->waiting) {
        taken = count < there ? count : there;
        int64_t at = consumed % ring->capacity;
        for (int64_t i = 0; i < taken; i++) {
            const float *frame = ring->frames + 2 * at;
            float gain = 1;
            if (ring->rise < ring->ramp) gain = (float)++ring->rise / (float)ring->ramp;
            ring->last[0] = gain * frame[0], ring->last[1] = gain * frame[1];
            put(ring, &out, ring->last[0], ring->last[1]);
            if (++at == ring->capacity) at = 0;
        }
        if (taken < count) {
            ring->waiting = 1, ring->fall = ring->ramp;
            if (expecting) {
                ring->in_gap = 1;
                atomic_fetch_add(&ring->gaps, 1);
            }
        }
    }
    for (int64_t i = taken; i < count; i++) {
        const float gain = ring->fall > 0 ? (float)--ring->fall / (float)ring->ramp : 0;
        put(ring, &out, gain * ring->last[0], gain * ring->last[1]);
    }
    if (ring->in_gap) atomic_fetch_add(&ring->missing, count - taken);
    atomic_store_explicit(&ring->consumed, consumed + taken, memory_order_release);
    return taken;
}

/* A PaStreamCallback; user: the ring. */
EXPORT int samplernn_callback(const void *input, void *output, unsigned long frames, const void *time,
                              unsigned long flags, void *user) {
    Ring *ring = user;
    (void)input, (void)time;
    atomic_fetch_add(&ring->calls, 1);
    if (flags & 4) atomic_fetch_add(&ring->late, 1); /* paOutputUnderflow */
    samplernn_ring_read(ring, output, (int64_t)frames);
    return 0; /* paContinue */
}
