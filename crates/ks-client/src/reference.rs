//! References between the calls of a batch.

use std::fmt;
use std::marker::PhantomData;

/// What an earlier call of the same batch answers, or a part of it: `{1:result:id}`. It stands where a value of type `T`
/// is expected; each class has a method for each of its properties here too.
///
/// What cannot be followed (a part that is not there, a call that failed) becomes an empty text at the server, without
/// an error of its own.
pub struct Ref<T> {
    path: String,
    kind: PhantomData<fn() -> T>,
}

impl<T> Ref<T> {
    pub(crate) fn to_call(number: usize) -> Self {
        Self::to_path(format!("{number}:result"))
    }

    const fn to_path(path: String) -> Self {
        Self { path, kind: PhantomData }
    }

    /// A part that has no method of its own here.
    #[must_use]
    pub fn below<U>(&self, name: &str) -> Ref<U> {
        Ref::to_path(format!("{}:{name}", self.path))
    }

    /// The same, where another type is expected: ids are numbers here and text there.
    #[must_use]
    pub fn retyped<U>(&self) -> Ref<U> {
        Ref::to_path(self.path.clone())
    }
}

impl<T> Ref<Vec<T>> {
    /// One item, counted from 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Ref<T> {
        self.below(&index.to_string())
    }

    /// The same part of all items, as one text with a comma behind each, as filters like `idIn` take it.
    #[must_use]
    pub fn each<U>(&self, part: impl FnOnce(&Ref<T>) -> Ref<U>) -> Ref<String> {
        part(&self.below("_all")).retyped()
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        self.retyped()
    }
}

impl<T> fmt::Display for Ref<T> {
    /// As the server reads it, also inside of a longer text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.path)
    }
}

impl<T> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref({self})")
    }
}
