using System.Runtime.InteropServices;

namespace ScaleKit.Caching;

/// <summary>How far a <see cref="TwoLevelCache.WarmUpAsync{T}"/> has come.</summary>
/// <param name="Done">Keys that are in the cache now, or are known not to be found.</param>
/// <param name="Failed">Keys whose factory call failed.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CacheWarmUpProgress(long Done, long Failed);
