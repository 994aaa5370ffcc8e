//! How often who may ask.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::{settings::IdentitySettings, values::Id};

/// The limits of requests by client and by address.
pub struct RateLimits {
    clients: Limit<Id>,
    addresses: Limit<IpAddr>,
    api: Option<Limit<Id>>,
}

/// One bucket for each key. It holds as many requests as its period has, and fills evenly.
struct Limit<K: Hash + Eq + Clone> {
    buckets: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
}

impl RateLimits {
    /// The limits of these settings.
    pub fn new(settings: &IdentitySettings) -> Self {
        Self {
            clients: Limit::new(Quota::per_minute(settings.token_rate)),
            addresses: Limit::new(Quota::per_minute(settings.token_rate_per_address)),
            api: settings
                .api_rate
                .map(|rate: NonZeroU32| Limit::new(Quota::per_second(rate))),
        }
    }

    /// Counts a request of an address to the endpoints of tokens.
    ///
    /// # Errors
    /// How long to wait, when there are too many.
    pub fn address(&self, address: IpAddr) -> Result<(), Duration> {
        // Whoever has one address of IPv6 has 2^64 of them.
        let network = match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                IpAddr::V6(Ipv6Addr::from(network))
            }
        };
        self.addresses.count(&network)
    }

    /// Counts a request of a client to the endpoints of tokens. Only once its secret is right: nobody can
    /// use up the requests of another.
    ///
    /// # Errors
    /// How long to wait, when there are too many.
    pub fn client(&self, client: Id) -> Result<(), Duration> {
        self.clients.count(&client)
    }

    /// Counts a request of a client to any other operation.
    ///
    /// # Errors
    /// How long to wait, when there are too many.
    pub fn api(&self, client: Id) -> Result<(), Duration> {
        self.api
            .as_ref()
            .map_or(Ok(()), |limit| limit.count(&client))
    }

    /// Forgets those whose buckets are full again, so that memory is bounded by those who ask now.
    pub fn forget_idle(&self) {
        self.clients.buckets.retain_recent();
        self.addresses.buckets.retain_recent();
        if let Some(api) = &self.api {
            api.buckets.retain_recent();
        }
    }
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(quota: Quota) -> Self {
        Self {
            buckets: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
        }
    }

    fn count(&self, key: &K) -> Result<(), Duration> {
        self.buckets
            .check_key(key)
            .map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}
