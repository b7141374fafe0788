namespace ScaleKit.Migration;

/// <summary>Makes what a store holds for a key; for authors of a store.</summary>
public static class VersionedValue
{
    /// <summary>A live value.</summary>
    /// <exception cref="ArgumentException"><paramref name="version"/> is <see cref="RowVersion.None"/>.</exception>
    public static VersionedValue<TValue> Live<TValue>(TValue value, RowVersion version) => new(value, Check(version), deleted: false);

    /// <summary>The tombstone of a deleted value.</summary>
    /// <exception cref="ArgumentException"><paramref name="version"/> is <see cref="RowVersion.None"/>.</exception>
    public static VersionedValue<TValue> Tombstone<TValue>(RowVersion version) => new(default, Check(version), deleted: true);

    private static RowVersion Check(RowVersion version) => version.IsNone
        ? throw new ArgumentException("A value or tombstone needs a version other than RowVersion.None.", nameof(version))
        : version;
}
