//! Planted bugs, which test whether the invariants find them. They are in the transport, so the deployed code does
//! not contain them: each changes calls, replies or deliveries so that they look like those of a handler with the
//! bug.

mod carts;
mod plants;
mod promotions;

macro_rules! bugs {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A bug that can be planted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Bug {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Bug {
            /// All bugs.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// A short description of the bug.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

bugs! {
    /// A consumed message is not recorded.
    NoInbox,
    /// A consumed message is recorded without checking whether it already was.
    BlindInbox,
    /// Stock is saved without its version condition.
    BlindStock,
    /// An order is saved without its version condition.
    BlindOrder,
    /// A payment is saved without its version condition.
    BlindPayment,
    /// The reply to a request is not stored with its idempotency key.
    NoIdempotency,
    /// All quotes of a generation of a cart can be used.
    GenerationNotClaimed,
    /// An order does not raise the generation of its cart.
    GenerationNotRaised,
    /// All lines leave a cart, also those that were not ordered.
    WholeCartLeaves,
    /// The lines of a cancelled order do not return to the cart.
    LinesNotReturned,
    /// A quote holds no use of a promotion with a limit.
    UseNotHeld,
    /// An order does not redeem the use that its quote held.
    UseNotRedeemed,
    /// A cancelled order does not release its use.
    UseNotReleased,
    /// A cancelled order releases two uses.
    UseReleasedTwice,
    /// A use without an order never lapses.
    UseNeverLapses,
    /// A quote does not count the use of a single-use code.
    CodeNotCounted,
    /// The usage of a promotion is saved without its version condition.
    BlindUsage,
    /// A merged cart can still be ordered.
    MergeNotClaimed,
    /// A payment that the customer must approve is treated as declined.
    ActionIsDecline,
    /// Inventory stores no tombstone for a cancellation that arrives first.
    NoStockTombstone,
    /// Payments stores no tombstone for a cancellation that arrives first.
    NoPaymentTombstone,
    /// Events are put on the bus before their transaction.
    PublishedBeforeCommit,
    /// A change does not write its event.
    EventNotStated,
    /// A unit is counted that was not received.
    UnitFromNowhere,
    /// Held units are not subtracted from the available units.
    HeldNotTaken,
    /// A movement of money is not booked.
    NotBooked,
    /// A throttled write is treated as done.
    SwallowedThrottle,
    /// A conflict is treated as done.
    ConflictIsDone,
    /// Entries that the bus refused are treated as published.
    FailedEntriesIgnored,
    /// A message is acknowledged before it is handled.
    AcknowledgedFirst,
    /// A whole batch is acknowledged although some of its messages failed.
    WholeBatchAcknowledged,
    /// The stream's checkpoint moves before its events are published.
    CheckpointBeforePublishing,
    /// Orders have no deadline.
    NoDeadline,
    /// Payments with an unknown outcome are never resolved.
    NobodyAsksAgain,
    /// The stock of a cancelled order is not released.
    NoCompensation,
    /// The payment of a cancelled order is not refunded.
    NoRefund,
    /// Each attempt of a charge has a new idempotency key.
    NewKeyOnRetry,
    /// Each attempt of a refund has a new idempotency key.
    NewRefundKeyOnRetry,
    /// A missing reply of the provider is treated as a decline.
    SilenceIsDecline,
    /// A cent more is charged than was quoted.
    WrongAmount,
    /// Tax that prices contain is added to them once more.
    IncludedTaxAdded,
    /// A hold is treated as released without a request to the provider.
    VoidNotAsked,
    /// A payment that its customer refused is treated as withdrawn without a request to the provider.
    RefusedLeftOpen,
    /// Every caller can read every order.
    OwnerNotChecked,
    /// A read model is not updated.
    NothingLearned,
    /// The cart of an order stays open.
    CartLeftOpen,
    /// The stored order differs from its events.
    KeptOtherwise,
    /// A dispute that is closed before it was opened is refused.
    ClosedDisputeRefused,
    /// Levels that were read after a later change of their reservation are treated as older.
    LevelsReadLate,
    /// A row of a read model is written without a condition, so its consumer is not idempotent although it declares
    /// it.
    BlindProjection,
    /// A sale, which has no event, does not raise the version of its level.
    SaleWithoutVersion,
    /// A single put has no stamp.
    NoStamp,
    /// A single put that has already been made is not recognised by its stamp.
    StampNotChecked,
    /// The place in the index of overdue entities is after the deadline.
    PlaceAfterDeadline,
    /// The levels of a reservation are saved before it, in a transaction of their own.
    LevelsBeforeReservation,
    /// The fingerprint of a request is not compared, so a key can be used for another request.
    FingerprintIgnored,
    /// The id of a created entity is derived from the idempotency key without its caller.
    KeyWithoutCaller,
    /// A list filters what its index shows before it reads the items. The index contains only keys.
    ListFiltersFirst,
    /// Every read is eventually consistent, also those for decisions and by id.
    AllReadsEventual,
    /// Events that a relay gave up on are not republished.
    GivenUpForgotten,
    /// An event is appended to a log without a condition, so it can replace another one.
    BlindAppend,
    /// A private part that is to be removed stays.
    PrivatePartStays,
    /// The private part of an event is put on the bus.
    PrivatePartPublished,
    /// An entry of the search is saved without its version condition.
    BlindEntry,
    /// An archived product stays in the search.
    ArchivedStays,
    /// The search does not learn of products.
    ProductsNotIndexed,
    /// The search does not learn of stock.
    StockNotIndexed,
    /// The search does not learn of the new name of a category.
    CategoryNotIndexed,
    /// The chunks of a snapshot are not stored.
    ChunksNotStored,
}

impl Bug {
    /// The bug with a name.
    ///
    /// # Errors
    /// If there is no such bug. The message lists all names.
    pub fn named(name: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|bug| format!("{bug:?}") == name);
        known.copied().ok_or_else(|| format!("there are: {:?}", Self::ALL))
    }
}
