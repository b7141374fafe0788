namespace ScaleKit.Migration;

/// <summary>A write that the store is to sequence: it issues the version. Immutable.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Value">The full row; ignored by a delete.</param>
/// <param name="Epoch">The epoch in which the caller believes the store issues versions, 1 or more. Refused below the fence.</param>
public readonly record struct SequencedWrite<TKey, TValue>(TKey Key, TValue? Value, long Epoch)
    where TKey : notnull
{
    /// <summary>Whether this deletes: the row becomes a tombstone. A delete of what is not there changes nothing.</summary>
    public bool IsDelete { get; init; }

    /// <summary>Whether the debt to the other store is recorded in the same transaction.</summary>
    public bool Outbox { get; init; }

    /// <summary>
    /// The version that the row must have; null for any. <see cref="RowVersion.None"/> asks that there be no live value: the key was never written, or is deleted.
    /// </summary>
    public RowVersion? Expected { get; init; }

    /// <summary>A version that the issued one must exceed as well: repairs a row that the mirror holds in a newer version than the sequencer.</summary>
    public RowVersion Floor { get; init; }
}
