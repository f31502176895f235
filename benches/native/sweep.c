/* W5 by hand: one parameter pair after the other, averages computed beforehand, equity and drawdown at every bar. */
#include "accounting.h"

#define MINOR_PER_CASH 1e8

typedef struct {
    int64_t bars;
    const int64_t *open;
    const int64_t *close;
    const double *fast; /* [column][bar] */
    const double *slow;
    int64_t fasts;
    int64_t slows;
    int64_t cash_minor;
    int64_t unit_minor;
    int64_t commission_ppb;
    double *final_equity;
    double *drawdown;
    int64_t *fills;
} sweep;

static void one_pair(const sweep *s, const double *fast, const double *slow, int64_t pair) {
    account a = {s->cash_minor, 0, 0, s->unit_minor, s->commission_ppb};
    double peak = (double)s->cash_minor / MINOR_PER_CASH, worst = 0.0, value = peak;
    int64_t wanted = 0;
    for (int64_t bar = 0; bar < s->bars; bar++) {
        if (wanted != a.position_lots)
            fill(&a, wanted - a.position_lots, s->open[bar]);
        value = (double)equity_at(&a, s->close[bar]) / MINOR_PER_CASH;
        peak = value > peak ? value : peak;
        double loss = 1.0 - value / peak;
        worst = loss > worst ? loss : worst;
        wanted = fast[bar] > slow[bar];
    }
    s->final_equity[pair] = value;
    s->drawdown[pair] = worst;
    s->fills[pair] = a.fills;
}

void w5_sweep(const sweep *s) {
    for (int64_t pair = 0; pair < s->fasts * s->slows; pair++)
        one_pair(s, s->fast + pair / s->slows * s->bars, s->slow + pair % s->slows * s->bars, pair);
}
