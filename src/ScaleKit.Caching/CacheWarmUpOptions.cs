using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>Settings of one <see cref="TwoLevelCache.WarmUpAsync{T}"/>, checked when it begins. Not thread-safe.</summary>
public sealed class CacheWarmUpOptions
{
    /// <summary>The most keys of one factory call. 1 to <see cref="TwoLevelCacheOptions.MaximumBatchKeys"/>.</summary>
    /// <value>100.</value>
    public int BatchSize { get; set; } = 100;

    /// <summary>The most factory calls at a time. 1 to 64.</summary>
    /// <value>2.</value>
    public int Parallelism { get; set; } = 2;

    /// <summary>The options of the entries.</summary>
    /// <value><see langword="null"/>: the cache's.</value>
    public HybridCacheEntryOptions? Entry { get; set; }

    /// <summary>The tags of every entry.</summary>
    /// <value><see langword="null"/>: none.</value>
    public IEnumerable<string>? Tags { get; set; }

#pragma warning disable MA0015 // The settings stand where other methods have parameters: the exception names the setting.
    internal void Validate(int maximumBatchKeys)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchSize, maximumBatchKeys);
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallelism, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Parallelism, 64);
    }
#pragma warning restore MA0015
}
