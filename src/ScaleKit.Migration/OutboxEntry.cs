namespace ScaleKit.Migration;

/// <summary>
/// A debt: the row of this key was written here and the other store may not have it yet. It holds the key and the version, not the value: whoever pays re-reads
/// the row, so that an old debt can never bring an old value.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <param name="Key">The key of the row.</param>
/// <param name="Version">The version that was written.</param>
/// <param name="Sequence">Rises with each entry of the same partition; never used twice.</param>
public readonly record struct OutboxEntry<TKey>(TKey Key, RowVersion Version, long Sequence)
    where TKey : notnull;
