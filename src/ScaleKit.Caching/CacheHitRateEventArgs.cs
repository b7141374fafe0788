namespace ScaleKit.Caching;

/// <summary>Fewer requests than <see cref="TwoLevelCacheOptions.HitRateFloor"/> are hits, or a tenth more are again. Immutable.</summary>
/// <param name="isLow"><see langword="true"/> when raised below the floor, <see langword="false"/> when cleared a tenth above it.</param>
/// <param name="rate">The share of the requests that are hits.</param>
public sealed class CacheHitRateEventArgs(bool isLow, double rate) : EventArgs
{
    /// <summary><see langword="true"/> when raised below the floor, <see langword="false"/> when cleared a tenth above it.</summary>
    public bool IsLow { get; } = isLow;

    /// <summary>The share of the requests that were hits of a level in the window that ended, 0 to 1.</summary>
    public double Rate { get; } = rate;
}
