using System.Runtime.InteropServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>The settings of one call after the cache's defaults were filled in.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EntryPlan(HybridCacheEntryFlags Flags, TimeSpan Expiration, TimeSpan LocalExpiration, string[] Tags)
{
    /// <summary>How long the factory took; zero where none ran.</summary>
    public TimeSpan FactoryTime { get; init; }

    public bool Forbids(HybridCacheEntryFlags flag) => (Flags & flag) != HybridCacheEntryFlags.None;

    /// <summary>The plan for the answer that there is nothing.</summary>
    public EntryPlan ForNothing(TwoLevelCacheOptions defaults) =>
        defaults.NegativeExpiration < Expiration
            ? this with { Expiration = defaults.NegativeExpiration, LocalExpiration = Shorter(LocalExpiration, defaults.NegativeExpiration) }
            : this;

    /// <summary>The call's values win over the cache's; the local expiration follows the expiration given beside it and never exceeds it.</summary>
    public static EntryPlan Of(HybridCacheEntryOptions? call, TwoLevelCacheOptions defaults, string[] tags)
    {
        var expiration = Positive(call?.Expiration, nameof(HybridCacheEntryOptions.Expiration)) ?? defaults.Expiration;
        var local = Positive(call?.LocalCacheExpiration, nameof(HybridCacheEntryOptions.LocalCacheExpiration))
            ?? call?.Expiration ?? defaults.LocalExpiration ?? defaults.Expiration;
        return new(call?.Flags ?? defaults.Flags, expiration, Shorter(local, expiration), tags);
    }

    public static TimeSpan? Positive(TimeSpan? value, string name) =>
        value <= TimeSpan.Zero ? throw new ArgumentOutOfRangeException(name, value, $"{name} must be greater than zero.") : value;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
