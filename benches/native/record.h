/* What a run has to leave behind besides numbers: a row an order, an event, a fill and a bar. With -DRECORD the loops write it
 * as they go, with the fewest bytes that say it; without, these are nothing.
 */
#ifndef TRIPLEBAR_BENCH_RECORD_H
#define TRIPLEBAR_BENCH_RECORD_H

#include <stdint.h>

enum { SUBMITTED, ACCEPTED, FILLED, CANCELED, REJECTED, EXPIRED };

typedef struct {
    int64_t quantity_lots, filled_lots, limit_ticks;
    int32_t sent, arrived, ended;
    uint16_t instrument;
    int8_t side;
    uint8_t kind, status, reason;
} order_row;

typedef struct {
    int64_t value;
    uint32_t order;
    int32_t clock;
    uint8_t kind, moment, reason;
} event_row;

typedef struct {
    int64_t price_ticks, quantity_lots, fee_minor;
    uint32_t order;
    int32_t clock;
    uint16_t instrument;
    int8_t side;
    uint8_t moment, role, cause;
} fill_row;

typedef struct {
    order_row *orders;
    event_row *events;
    fill_row *fills;
    int64_t *cash;
    int64_t order_count, event_count, fill_count;
} record;

#ifdef RECORD

static inline int64_t sent(record *r, int64_t clock, int64_t lots, int64_t limit_ticks) {
    int64_t size = lots < 0 ? -lots : lots;
    r->orders[r->order_count] =
        (order_row){size, 0, limit_ticks, (int32_t)clock, -1, -1, 0, lots < 0 ? -1 : 1, limit_ticks != 0, SUBMITTED, 0};
    return r->order_count++;
}

static inline void noted(record *r, int64_t clock, int64_t id, int kind, int64_t value) {
    r->events[r->event_count++] = (event_row){value, (uint32_t)id + 1, (int32_t)clock, (uint8_t)kind, 0, 0};
    r->orders[id].status = (uint8_t)kind;
    if (kind == ACCEPTED)
        r->orders[id].arrived = (int32_t)clock;
    else
        r->orders[id].ended = (int32_t)clock;
}

static inline void booked(record *r, int64_t clock, int64_t id, int64_t price_ticks, int64_t fee_minor) {
    order_row *order = &r->orders[id];
    order->filled_lots = order->quantity_lots;
    if (order->arrived < 0)
        order->arrived = (int32_t)clock;
    r->fills[r->fill_count] = (fill_row){
        price_ticks, order->quantity_lots, fee_minor, (uint32_t)id + 1, (int32_t)clock, 0, order->side, 0, 0, 0};
    noted(r, clock, id, FILLED, r->fill_count++);
}

static inline void paid(record *r, int64_t clock, int64_t cash_minor) { r->cash[clock] = cash_minor; }

#else

static inline int64_t sent(record *r, int64_t clock, int64_t lots, int64_t limit_ticks) {
    (void)r, (void)clock, (void)lots, (void)limit_ticks;
    return 0;
}
static inline void noted(record *r, int64_t clock, int64_t id, int kind, int64_t value) {
    (void)r, (void)clock, (void)id, (void)kind, (void)value;
}
static inline void booked(record *r, int64_t clock, int64_t id, int64_t price_ticks, int64_t fee_minor) {
    (void)r, (void)clock, (void)id, (void)price_ticks, (void)fee_minor;
}
static inline void paid(record *r, int64_t clock, int64_t cash_minor) { (void)r, (void)clock, (void)cash_minor; }

#endif

#endif
