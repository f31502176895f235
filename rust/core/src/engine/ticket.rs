//! The order that nearly everybody sends: a market or limit order to which there is nothing but a tag.

use super::Engine;
use crate::codes::Reason;
use crate::error::Result;
use crate::grid::Toward;
use crate::order::OrderId;
use crate::request::OrderRequest;
use crate::settings::OffGrid;

/// Such an order in the user's own numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ticket {
    /// Index of the instrument.
    pub instrument: u16,
    /// +1 buy, -1 sell.
    pub side: i8,
    /// Size, units.
    pub quantity: f64,
    /// Limit price; without one it is a market order.
    pub limit: Option<f64>,
    /// Label of the user's tag, 0 for none.
    pub tag: u32,
}

impl Ticket {
    /// The order in engine units.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "whoever calls it knows whether there is a limit and a tag"
    )]
    const fn request(&self, lots: i64, limit: Option<i64>) -> OrderRequest {
        let mut request = match limit {
            None => OrderRequest::market(self.instrument, self.side, lots),
            Some(limit) => OrderRequest::limit(self.instrument, self.side, lots, limit),
        };
        request.extras.tag = self.tag;
        request
    }
}

impl Engine {
    /// Sends what a ticket says.
    ///
    /// # Errors
    /// More than 2^32 orders.
    pub fn send_ticket(&mut self, ticket: Ticket) -> Result<OrderId> {
        let terms = &self.terms[usize::from(ticket.instrument)];
        let lots = terms.size.place(ticket.quantity, Toward::Down);
        let passive = if ticket.side > 0 { Toward::Down } else { Toward::Up };
        let limit = ticket.limit.map(|limit| terms.price.place(limit, passive));
        let exact = lots.exact && limit.is_none_or(|limit| limit.exact);
        let refused = !exact && self.settings.off_grid == OffGrid::Reject;
        let request = ticket.request(lots.steps, limit.map(|limit| limit.steps));
        self.send_or_refuse(&request, refused.then_some(Reason::OffGrid))
    }

    /// The same where nothing about the ticket is unusual, from its numbers to the account that it is for; `None` where
    /// something is, and then nothing is done.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "see `Ticket::request`")]
    pub fn send_at_once(&mut self, ticket: Ticket) -> Option<OrderId> {
        let terms = self.terms.get(usize::from(ticket.instrument))?;
        let lots = terms.size.plain_steps(ticket.quantity)?;
        let limit = match ticket.limit {
            None => None,
            Some(limit) => Some(terms.price.plain_steps(limit)?),
        };
        let request = ticket.request(lots, limit);
        let is_last = self.orders.len() >= OrderId::MAX as usize;
        if is_last || !self.is_plain_and_good(&request) {
            return None;
        }
        self.send_plain(&request).ok()
    }
}
