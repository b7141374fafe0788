namespace ScaleKit.Migration;

/// <summary>A key with what a store holds for it: the full row, never a part of one, so that a mirror needs no second look.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Row">The value or tombstone with its version.</param>
public readonly record struct VersionedEntry<TKey, TValue>(TKey Key, VersionedValue<TValue> Row)
    where TKey : notnull
{
    /// <summary>The value; the type's default for a tombstone.</summary>
    public TValue? Value => Row.Value;

    /// <summary>The version of the row.</summary>
    public RowVersion Version => Row.Version;
}
