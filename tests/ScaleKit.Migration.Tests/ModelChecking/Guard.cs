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

    /// <summary>A move waits until every instance has acknowledged the phase before it.</summary>
    Acknowledgement = 128,

    /// <summary>An instance whose lease has ended by its own clock answers no read.</summary>
    SelfFence = 256,

    /// <summary>A move that passes an instance whose lease has ended raises the fence.</summary>
    FencedPassing = 512,
}
