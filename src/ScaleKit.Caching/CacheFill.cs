using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>
/// What a factory is told about the fill that it runs for, and what it decides about the entry: lifetimes, flags, tags, or that there is nothing to find. The
/// properties begin as the call gave them and are read once, when the factory has returned. For one factory call only; not thread-safe.
/// </summary>
public sealed class CacheFill
{
    private readonly LocalEntry? _stale;

    /// <summary>Creates a context as a call without an older value gives it, for tests of a factory.</summary>
    /// <param name="key">The key.</param>
    /// <param name="options">The options of the call; none if <see langword="null"/>.</param>
    /// <param name="tags">The tags of the call; none if <see langword="null"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public CacheFill(string key, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null)
        : this(key, options, tags, stale: null)
    {
    }

    internal CacheFill(string key, HybridCacheEntryOptions? options, IEnumerable<string>? tags, LocalEntry? stale)
    {
        ArgumentNullException.ThrowIfNull(key);
        Key = key;
        Expiration = options?.Expiration;
        LocalCacheExpiration = options?.LocalCacheExpiration;
        Flags = options?.Flags;
        Tags = tags;
        _stale = stale;
    }

    /// <summary>The key that is filled.</summary>
    public string Key { get; }

    /// <summary>How long the value lives; greater than zero, or <see langword="null"/> for <see cref="TwoLevelCacheOptions.Expiration"/>.</summary>
    /// <value>As the call gave it.</value>
    /// <exception cref="ArgumentOutOfRangeException">The new value is zero or less.</exception>
    public TimeSpan? Expiration
    {
        get;
        set => field = EntryPlan.Positive(value, nameof(Expiration));
    }

    /// <summary>
    /// How long the value lives in memory, never longer than <see cref="Expiration"/>; greater than zero, or <see langword="null"/> for the expiration where
    /// one is given here, else for <see cref="TwoLevelCacheOptions.LocalExpiration"/>.
    /// </summary>
    /// <value>As the call gave it.</value>
    /// <exception cref="ArgumentOutOfRangeException">The new value is zero or less.</exception>
    public TimeSpan? LocalCacheExpiration
    {
        get;
        set => field = EntryPlan.Positive(value, nameof(LocalCacheExpiration));
    }

    /// <summary>Where the value is stored. Those flags that forbid reading have had their effect already. <see langword="null"/> for <see cref="TwoLevelCacheOptions.Flags"/>.</summary>
    /// <value>As the call gave it.</value>
    public HybridCacheEntryFlags? Flags { get; set; }

    /// <summary>
    /// The tags of the entry. Tags that break the bounds of <see cref="TwoLevelCacheOptions"/> make the value be returned and not cached; a null tag or <c>*</c>
    /// makes the call fail.
    /// </summary>
    /// <value>As the call gave it.</value>
    public IEnumerable<string>? Tags { get; set; }

    /// <summary>Whether <see cref="NotFound{T}"/> was called.</summary>
    public bool IsNotFound { get; private set; }

    /// <summary>
    /// The value that has expired, or is about to, and was not removed: to ask the source only whether it changed. A factory that returns this value again gives
    /// it a new lifetime. How long expired values are kept is <see cref="TwoLevelCacheOptions.FailSafeMaximum"/>.
    /// </summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="value">The value; of a mutable type a copy.</param>
    /// <returns>Whether there is one of this type.</returns>
    public bool TryGetStale<T>(out T? value)
    {
        value = default;
        return _stale is LocalEntry<T> entry && entry.TryGetValue(out value!);
    }

    /// <summary>Says that the source has nothing under this key: <c>return fill.NotFound&lt;T&gt;();</c>. A factory that returns <see langword="null"/> says the same.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <returns><see langword="default"/>, which is cached for <see cref="TwoLevelCacheOptions.NegativeExpiration"/> at most.</returns>
    public T? NotFound<T>()
    {
        IsNotFound = true;
        return default;
    }
}
