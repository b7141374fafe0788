using System.Runtime.CompilerServices;
using ScaleKit.Caching;

namespace ScaleKit.Analysis.Caching;

/// <summary>The memory level itself, through the cache that an application uses.</summary>
internal sealed class CachePolicy : IPolicy, IDisposable
{
    private readonly TwoLevelCache _cache;
    private readonly Dictionary<int, string> _names = [];

    public CachePolicy(int capacity, LocalStoreKind kind) =>
        _cache = new TwoLevelCache(new TwoLevelCacheOptions { SizeLimit = capacity, SizeLimitBytes = long.MaxValue, LocalStore = kind });

    public bool Ask(int key)
    {
        if (!_names.TryGetValue(key, out var name))
            _names[key] = name = $"k{key}";
        var wasMissing = new StrongBox<bool>();
        var asked = _cache.GetOrCreateAsync(
            name,
            wasMissing,
            static (missing, _) =>
            {
                missing.Value = true;
                return ValueTask.FromResult(1);
            });
        GC.KeepAlive(asked.AsTask().GetAwaiter().GetResult());
        return !wasMissing.Value;
    }

    public void Dispose() => _cache.Dispose();
}
