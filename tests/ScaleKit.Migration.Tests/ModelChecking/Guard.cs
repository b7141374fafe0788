namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>The guards of the protocol. A mutation takes one out, in the doubles of the ports only: the shipping code has no switch for it.</summary>
[Flags]
public enum Guard
{
    None = 0,

    /// <summary>The outbox entry in the transaction of the write.</summary>
    Outbox = 1,

    /// <summary>The mirror takes a row only if it is newer.</summary>
    ConditionalApply = 2,

    /// <summary>A delete leaves a version behind.</summary>
    Tombstone = 4,

    /// <summary>The store refuses writes below the fence.</summary>
    Fence = 8,

    /// <summary>A write says in which epoch it believes to be; without it the store takes every write for one of its own epoch.</summary>
    Epoch = 16,

    /// <summary>A move waits until no operation of the phase before runs.</summary>
    OperationDrain = 32,

    /// <summary>A move waits until the outbox is paid.</summary>
    OutboxDrain = 64,
}
