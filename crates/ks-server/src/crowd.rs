//! How many connections one address has, so that none of them takes all that there are.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ipnet::IpNet;
use parking_lot::Mutex;

use crate::address::network;
use crate::config::Config;

/// The connections of the public listener, by address.
pub(crate) struct Crowd {
    most: usize,
    /// Proxies bring the connections of many.
    trusted: Vec<IpNet>,
    here: Mutex<HashMap<IpAddr, usize>>,
    refused: AtomicU64,
}

/// One of them, for as long as it is kept.
pub(crate) struct Visitor {
    crowd: Arc<Crowd>,
    /// `None`: it is not counted.
    from: Option<IpAddr>,
}

impl Crowd {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            most: config.limits.connections_per_address,
            trusted: config.trusted_proxies.clone(),
            here: Mutex::default(),
            refused: AtomicU64::new(0),
        }
    }

    /// Lets a connection in, unless its address has too many.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Visitor> {
        let peer = peer.to_canonical();
        if self.trusted.iter().any(|proxy| proxy.contains(&peer)) {
            return Some(Visitor { crowd: Arc::clone(self), from: None });
        }
        let from = network(peer);
        let mut here = self.here.lock();
        let count = here.entry(from).or_default();
        if *count >= self.most {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        *count += 1;
        Some(Visitor { crowd: Arc::clone(self), from: Some(from) })
    }

    /// How many were not let in so far.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        let Some(from) = self.from else { return };
        let mut here = self.crowd.here.lock();
        if let Some(count) = here.get_mut(&from) {
            *count -= 1;
            if *count == 0 {
                here.remove(&from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_and_nothing_is_left_behind() {
        let mut config = Config::new(([127, 0, 0, 1], 0).into());
        config.limits.connections_per_address = 2;
        config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let crowd = Arc::new(Crowd::new(&config));
        let enter = |text: &str| crowd.enter(text.parse().unwrap());
        let inside = [enter("192.0.2.1"), enter("::ffff:192.0.2.1"), enter("2001:db8::1"), enter("2001:db8::2")];
        assert!(inside.iter().all(Option::is_some));
        assert!(enter("192.0.2.1").is_none() && enter("2001:db8::3").is_none());
        assert!(enter("192.0.2.2").is_some() && enter("2001:db8:0:1::1").is_some());
        let proxied: Vec<_> = (0..10).map(|_| enter("10.0.0.1")).collect();
        assert!(proxied.iter().all(Option::is_some));
        drop(inside);
        assert!(crowd.here.lock().is_empty());
        assert!(enter("192.0.2.1").is_some());
        assert_eq!(crowd.refused(), 2);
    }
}
