namespace ScaleKit.Migration;

/// <summary>A range of keys in the order of the store's <see cref="KeyFormat{TKey}"/>; the default is all keys. Made by <see cref="KeyRange"/>. Immutable.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
public readonly record struct KeyRange<TKey>
    where TKey : notnull
{
    /// <summary>Whether there is a lower bound.</summary>
    public bool HasLower { get; internal init; }

    /// <summary>The lower bound, if <see cref="HasLower"/>.</summary>
    public TKey? Lower { get; internal init; }

    /// <summary>Whether the lower bound itself belongs to the range.</summary>
    public bool LowerInclusive { get; internal init; }

    /// <summary>Whether there is an upper bound.</summary>
    public bool HasUpper { get; internal init; }

    /// <summary>The upper bound, if <see cref="HasUpper"/>.</summary>
    public TKey? Upper { get; internal init; }

    /// <summary>Whether the upper bound itself belongs to the range.</summary>
    public bool UpperInclusive { get; internal init; }

    /// <summary>The part of this range above <paramref name="key"/>, which must lie in the range.</summary>
    public KeyRange<TKey> After(TKey key) => this with { HasLower = true, Lower = key, LowerInclusive = false };

    /// <summary>The part of this range below <paramref name="key"/>, which must lie in the range.</summary>
    public KeyRange<TKey> Before(TKey key) => this with { HasUpper = true, Upper = key, UpperInclusive = false };

    /// <summary>The part of this range up to <paramref name="key"/>, inclusive, which must lie in the range.</summary>
    public KeyRange<TKey> Through(TKey key) => this with { HasUpper = true, Upper = key, UpperInclusive = true };

    /// <summary>Whether <paramref name="key"/> lies in the range by <paramref name="order"/>.</summary>
    public bool Contains(TKey key, IComparer<TKey> order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return !IsBelow(key, order) && !IsAbove(key, order);
    }

    internal bool IsBelow(TKey key, IComparer<TKey> order) =>
        HasLower && order.Compare(key, Lower!) is var c && (c < 0 || (c == 0 && !LowerInclusive));

    internal bool IsAbove(TKey key, IComparer<TKey> order) =>
        HasUpper && order.Compare(key, Upper!) is var c && (c > 0 || (c == 0 && !UpperInclusive));
}
