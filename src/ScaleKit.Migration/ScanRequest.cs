namespace ScaleKit.Migration;

/// <summary>A request for a page of rows in key order. The cursor is the last key of the page before: nothing is kept open between two pages. Immutable.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
public sealed record ScanRequest<TKey>
    where TKey : notnull
{
    private readonly int _limit = 100;

    /// <summary>The keys to look at.</summary>
    /// <value>All keys.</value>
    public KeyRange<TKey> Range { get; init; }

    /// <summary>How many rows a page holds at most, 1 to 100,000.</summary>
    /// <value>100.</value>
    /// <exception cref="ArgumentOutOfRangeException">Outside of 1 to 100,000.</exception>
    public int Limit
    {
        get => _limit;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100_000);
            _limit = value;
        }
    }

    /// <summary>Whether the highest key comes first.</summary>
    /// <value>false.</value>
    public bool Descending { get; init; }

    /// <summary>Whether tombstones are listed too. A copy needs them, an application does not.</summary>
    /// <value>false.</value>
    public bool IncludeTombstones { get; init; }

    /// <summary>The request for the page after the one that ended with <paramref name="lastKey"/>.</summary>
    public ScanRequest<TKey> After(TKey lastKey) =>
        this with { Range = Descending ? Range.Before(lastKey) : Range.After(lastKey) };
}
