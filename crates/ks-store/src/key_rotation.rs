//! Another key-encryption key, while nodes go on.
//!
//! The key file has all keys that are known, one on each line; the database says by its probe which one things are sealed
//! under. A new key is first added to the files, then taken up, then everything is sealed anew, in small transactions:
//! whatever happens in between, each value opens with one of the keys in the file, and doing it again goes on. Processes
//! that serve note which keys they have, so that none is left behind with values that it cannot read.

use crate::change::Change;
use crate::engine::{Value, args};
use crate::error::StoreError;
use crate::migrate::{choose_key, write_probe};
use crate::sealed::{self, Place};
use crate::store::Store;

/// A process that has said nothing for so many seconds is no longer there.
const GONE_AFTER: i64 = 180;

/// What sealing everything anew came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// How many values were sealed anew.
    pub renewed: u64,
    /// How many were already under the current key.
    pub current: u64,
    /// How many no key opens. They are left alone.
    pub unreadable: u64,
}

/// Which keys a process that serves has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeKeys {
    /// Its name.
    pub name: String,
    /// The key that it seals under.
    pub current: String,
    /// All that it can open with.
    pub known: Vec<String>,
}

impl Store {
    /// The ids of all keys at hand, in the order of the file, and of the one that is in use. An id says nothing of its
    /// key.
    #[must_use]
    pub fn keys(&self) -> (Vec<String>, String) {
        (self.inner.kek.ids(), self.inner.kek.current_id())
    }

    /// How many values are sealed under each of the keys at hand; `None`: under another one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn sealed_under(&self) -> Result<Vec<(Option<String>, u64)>, StoreError> {
        let mut counts: Vec<(Option<String>, u64)> =
            self.inner.kek.ids().into_iter().map(Some).chain([None]).map(|id| (id, 0)).collect();
        let mut reader = self.inner.engine.reader().await?;
        for place in Place::ALL {
            let mut after = place.start();
            loop {
                let items = place.items(&mut reader, after).await?;
                let Some(last) = items.last() else { break };
                after = last.id.clone();
                for item in &items {
                    let id = self.inner.kek.which(&item.sealed, &item.context);
                    counts.iter_mut().filter(|(other, _)| *other == id).for_each(|(_, count)| *count += 1);
                }
            }
        }
        Ok(counts)
    }

    /// The key that comes next, and whether it was made just now: one that the file has behind the current one; else the
    /// current one, where a rotation was cut off; else a new one, which is added to the file.
    ///
    /// # Errors
    /// [`StoreError::KeyFile`], [`StoreError::Random`], [`StoreError::Unavailable`]; [`StoreError::Invalid`] when the
    /// key does not come from a file.
    pub async fn next_key(&self) -> Result<(String, bool), StoreError> {
        let kek = &self.inner.kek;
        kek.reread()?;
        let (ids, current) = self.keys();
        if let Some(last) = ids.last().filter(|last| **last != current) {
            return Ok((last.clone(), false));
        }
        let others = self.sealed_under().await?;
        if others.iter().any(|(id, count)| *count > 0 && id.as_deref() != Some(current.as_str()) && id.is_some()) {
            return Ok((current, false));
        }
        kek.add_to_file(self.inner.random.as_ref())?;
        let id = kek.ids().pop().ok_or(StoreError::Corrupt("key"))?;
        Ok((id, true))
    }

    /// Tells every process to read its key file again, and which keys those that serve have now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn announce_key(&self, id: &str, now: i64) -> Result<(), StoreError> {
        let change = Change::SecretKey(id.to_owned());
        self.inner.writer.write(move |tx| Box::pin(async move { tx.log(change, now).await })).await
    }

    /// The processes that serve, as they have said themselves.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn node_keys(&self, now: i64) -> Result<Vec<NodeKeys>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let sql = "SELECT name, current_key, known_keys FROM node_key WHERE seen_at >= $1 ORDER BY name, node";
        let rows = reader.fetch(sql, args![now.saturating_sub(GONE_AFTER)]).await?;
        rows.iter()
            .map(|row| {
                let known = row.text(2)?.split(',').map(str::to_owned).collect();
                Ok(NodeKeys { name: row.text(0)?, current: row.text(1)?, known })
            })
            .collect()
    }

    /// From now on things are sealed under this key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for one that is not at hand; [`StoreError::Unavailable`], [`StoreError::Random`].
    pub async fn take_up_key(&self, id: &str, now: i64) -> Result<(), StoreError> {
        let (kek, random) = (self.inner.kek.clone(), self.inner.random.clone());
        let id = id.to_owned();
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                // Within the transaction: nobody takes it out of the file meanwhile.
                kek.reread()?;
                if !kek.choose(&id) {
                    return Err(StoreError::NotFound("key"));
                }
                write_probe(tx, &kek, random.as_ref()).await?;
                tx.log(Change::SecretKey(id), now).await
            })
        });
        write.await
    }

    /// Seals everything under the current key that is under another one, in small transactions. `progress` hears how many
    /// values were looked at, of how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Random`]: what was sealed anew stays so, and
    /// the next time goes on.
    pub async fn reseal(&self, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Result<Resealed, StoreError> {
        let total = sealed::count(&mut self.inner.engine.reader().await?).await?;
        let (mut done, mut sum) = (0, Resealed::default());
        for place in Place::ALL {
            let mut after = Some(place.start());
            while let Some(from) = after.take() {
                let (next, some) = self.reseal_some(place, from).await?;
                after = next;
                done += some.renewed + some.current + some.unreadable;
                sum.renewed += some.renewed;
                sum.current += some.current;
                sum.unreadable += some.unreadable;
                progress(done, total);
            }
        }
        Ok(sum)
    }

    async fn reseal_some(&self, place: Place, from: Value) -> Result<(Option<Value>, Resealed), StoreError> {
        let (kek, random) = (self.inner.kek.clone(), self.inner.random.clone());
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let items = place.items(tx, from).await?;
                let (mut some, current) = (Resealed::default(), kek.current_id());
                for item in &items {
                    match kek.which(&item.sealed, &item.context) {
                        Some(id) if id == current => some.current += 1,
                        Some(_) => {
                            let plain = kek.open(&item.sealed, &item.context).ok_or(StoreError::Corrupt("secret"))?;
                            let sealed = kek.seal(&plain, &item.context, random.as_ref())?;
                            tx.execute(place.update(), vec![item.id.clone(), Value::from(sealed)]).await?;
                            some.renewed += 1;
                        }
                        None => some.unreadable += 1,
                    }
                }
                Ok((items.last().map(|item| item.id.clone()), some))
            })
        });
        write.await
    }

    /// Takes all keys but the current one out of the file: nothing is under them any more, and no process that serves
    /// would seal under them. Which were taken out.
    ///
    /// # Errors
    /// [`StoreError::KeyFile`]; [`StoreError::Invalid`] while something is under another key, or when the key does not
    /// come from a file; [`StoreError::Unavailable`].
    pub async fn retire_keys(&self, now: i64) -> Result<Vec<String>, StoreError> {
        let (ids, current) = self.keys();
        let resealed = self.reseal(&mut |_, _| {}).await?;
        if resealed.unreadable > 0 {
            return Err(StoreError::Invalid("something is sealed under a key that is not at hand"));
        }
        if self.node_keys(now).await?.iter().any(|node| node.current != current) {
            return Err(StoreError::Invalid("a node has not taken up the current key yet"));
        }
        // What a node sealed just before it took it up.
        self.reseal(&mut |_, _| {}).await?;
        let (kek, kept) = (self.inner.kek.clone(), current.clone());
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                // Within the transaction: nobody takes up another one meanwhile.
                choose_key(tx, &kek).await?;
                if kek.current_id() != kept {
                    return Err(StoreError::Invalid("another key was taken up meanwhile"));
                }
                kek.keep_in_file(&kept)?;
                tx.log(Change::SecretKey(kept), now).await
            })
        });
        write.await?;
        Ok(ids.into_iter().filter(|id| *id != current).collect())
    }
}
