namespace ScaleKit.Caching;

/// <summary>What one call invalidated: keys or tags of one cache. Immutable, thread-safe.</summary>
public sealed class Invalidation
{
    /// <summary>The tag that every entry has: its removal clears the cache.</summary>
    public const string Everything = "*";

    /// <summary>Creates an invalidation. The lists are taken as they are and must not change afterwards.</summary>
    /// <param name="cache">The name of the cache that it concerns, see <see cref="TwoLevelCacheOptions.Name"/>.</param>
    /// <param name="keys">The keys whose older values are void; none when <see langword="null"/>.</param>
    /// <param name="tags">The tags whose older entries are void, <see cref="Everything"/> for all; none when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="cache"/> is null or empty.</exception>
    public Invalidation(string cache, IReadOnlyList<string>? keys = null, IReadOnlyList<string>? tags = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cache);
        Cache = cache;
        Keys = keys ?? [];
        Tags = tags ?? [];
    }

    /// <summary>The name of the cache that it concerns.</summary>
    public string Cache { get; }

    /// <summary>The keys whose older values are void.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>The tags whose older entries are void; <see cref="Everything"/> stands for all entries.</summary>
    public IReadOnlyList<string> Tags { get; }
}
