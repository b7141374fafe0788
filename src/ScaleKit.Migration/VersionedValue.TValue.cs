namespace ScaleKit.Migration;

/// <summary>
/// What a store holds for one key: a live value, the tombstone of a deleted one, or (the default) nothing at all. Made by <see cref="VersionedValue"/>. Immutable.
/// </summary>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly record struct VersionedValue<TValue>
{
    internal VersionedValue(TValue? value, RowVersion version, bool deleted)
    {
        Value = value;
        Version = version;
        IsDeleted = deleted;
    }

    /// <summary>The value; the type's default unless <see cref="Exists"/>.</summary>
    public TValue? Value { get; }

    /// <summary>The version of the value or tombstone; <see cref="RowVersion.None"/> when the key was never written.</summary>
    public RowVersion Version { get; }

    /// <summary>Whether this is a tombstone. A delete is a write: without its version a late copy of the old value would bring the row back.</summary>
    public bool IsDeleted { get; }

    /// <summary>Whether there is a live value.</summary>
    public bool Exists => !Version.IsNone && !IsDeleted;
}
