namespace ScaleKit.Migration;

/// <summary>A page of rows in key order.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="Entries">The rows.</param>
/// <param name="HasMore">Whether there may be more: ask again with <see cref="ScanRequest{TKey}.After"/> the last key.</param>
public sealed record ScanPage<TKey, TValue>(IReadOnlyList<VersionedEntry<TKey, TValue>> Entries, bool HasMore)
    where TKey : notnull
{
    /// <summary>How many rows there are, and none of them.</summary>
    public override string ToString() => $"{Entries.Count} rows{(HasMore ? ", more to come" : "")}";
}
