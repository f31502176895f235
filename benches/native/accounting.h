/* The accounting that both limits share: exact integers, as docs/semantics.md has them (S-01, S-53, S-62, S-67, S-70). */
#ifndef TRIPLEBAR_BENCH_ACCOUNTING_H
#define TRIPLEBAR_BENCH_ACCOUNTING_H

#include <stdint.h>

typedef struct {
    int64_t cash_minor;
    int64_t position_lots;
    int64_t fills;
    int64_t unit_minor; /* worth of one tick on one lot */
    int64_t commission_ppb;
} account;

/* Nearest, half away from zero; amounts here are never negative. */
static inline int64_t scale(int64_t amount, int64_t ppb) { return (amount * ppb + 500000000) / 1000000000; }

/* Fill at a price, unless equity would not carry the position (leverage 1). Tells whether it was filled. */
static inline int fill(account *a, int64_t lots, int64_t price_ticks) {
    int64_t size = lots < 0 ? -lots : lots;
    int64_t after = a->position_lots + lots;
    int64_t held = a->position_lots < 0 ? -a->position_lots : a->position_lots;
    int64_t gross = after < 0 ? -after : after;
    int64_t worth = price_ticks * a->unit_minor;
    int64_t fee = scale(size * worth, a->commission_ppb);
    int64_t equity = a->cash_minor + a->position_lots * worth;
    if (gross > held && equity - fee < gross * worth)
        return 0;
    a->cash_minor -= lots * worth + fee;
    a->position_lots = after;
    a->fills += 1;
    return 1;
}

static inline int64_t equity_at(const account *a, int64_t price_ticks) {
    return a->cash_minor + a->position_lots * price_ticks * a->unit_minor;
}

#endif
