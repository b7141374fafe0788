using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>Calls with equal flight keys want the same and share one fill.</summary>
internal readonly record struct FlightKey(string Key, HybridCacheEntryFlags Flags, Type Type);
