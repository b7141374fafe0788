using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ScaleKit.Caching;

/// <summary>
/// A <see cref="HybridCache"/> with memory as its first level and, if given, an <see cref="ISharedStore"/> as its second. Concurrent calls for a key share
/// one factory call, on all caches of the same store if it has leases. After <see cref="RemoveAsync(string, CancellationToken)"/>, <see cref="RemoveByTagAsync(string, CancellationToken)"/> or <c>SetAsync</c> has
/// returned, no cache on the same <see cref="IInvalidationBus"/> that follows it serves an older value, and no factory that began before can put one back.
/// Thread-safe. A factory must not ask the cache for its own key: it would wait for itself.
/// </summary>
public sealed partial class TwoLevelCache : HybridCache, IDisposable, IAsyncDisposable
{
    private readonly TwoLevelCacheOptions _options;
    private readonly SharedLevel? _shared;
    private readonly CacheVersions _versions;
    private readonly LocalLevel _local;
    private readonly MonotonicClock _clock;
    private readonly CachingMetrics _metrics;
    private readonly InvalidationFollower _follower;
    private readonly FlightTable _flights;
    private readonly ValueStore _values;
    private readonly CacheFiller _filler;
    private readonly EarlyRefresh _early;
    private readonly SelfCheck? _selfCheck;
    private readonly ILogger _logger;
    private readonly Lock _switch = new();
    private volatile bool _isEnabled;

    /// <summary>Creates a cache.</summary>
    /// <param name="options">The settings, checked and copied; the defaults if <see langword="null"/>.</param>
    /// <param name="shared">
    /// The second level, such as a <see cref="DistributedCacheStore"/>; none if <see langword="null"/>. Caches that share one should share <paramref name="bus"/> too.
    /// </param>
    /// <param name="bus">Where invalidations go to and come from; one of its own if <see langword="null"/>.</param>
    /// <param name="serializers">How values become bytes; see <see cref="CacheSerializers"/> for the default.</param>
    /// <param name="timeProvider">The clock; the system's if <see langword="null"/>.</param>
    /// <param name="loggerFactory">Where the log goes; nowhere if <see langword="null"/>.</param>
    /// <param name="meterFactory">Makes the meter; a meter of its own if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public TwoLevelCache(
        TwoLevelCacheOptions? options = null,
        ISharedStore? shared = null,
        IInvalidationBus? bus = null,
        CacheSerializers? serializers = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null,
        IMeterFactory? meterFactory = null)
    {
        _options = (options ?? new TwoLevelCacheOptions()).Validated();
        _isEnabled = _options.Enabled;
        var time = timeProvider ?? TimeProvider.System;
        var logger = _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger(CachingDiagnostics.MeterName);
        _clock = new MonotonicClock(time);
        _metrics = new CachingMetrics(_options.Name, meterFactory);
        _versions = new CacheVersions(_options.TrackedInvalidations);
        _local = new LocalLevel(StoreOf(_options, _clock, _metrics), _versions);
        _shared = shared is null ? null : new SharedLevel(shared, _options, _versions);
        _flights = new FlightTable(_versions);
        _early = new EarlyRefresh(_options, _clock);
        serializers ??= new CacheSerializers(json: _options.JsonSerializerOptions);
        var codec = new EntryCodec(_options, serializers, _metrics, _clock, _early, hasSharedLevel: shared is not null, logger);
        _values = new ValueStore(_options, _local, _shared, _versions, codec, _metrics, _clock, logger);
        if (_options.HitRateFloor > 0)
            _metrics.Watch(new HitRateWatch(_options, _clock, logger, change => HitRateChanged?.Invoke(this, change)));
        bus ??= new InProcessInvalidationBus();
        _selfCheck = _options.SelfCheckRate > 0 ? new SelfCheck(_options, bus, _local, _versions, _metrics, _clock) : null;
        _follower = new InvalidationFollower(_options, bus, _versions, _local, _metrics, time, logger);
        var maker = new ValueMaker(_options, _values, _versions, _metrics, _clock, logger);
        _filler = new CacheFiller(_follower, _local, _values, maker, _versions, _clock, _options.Name);
        _follower.Start();
    }

    /// <summary>
    /// Fewer requests than <see cref="TwoLevelCacheOptions.HitRateFloor"/> are hits, or a tenth more are again. Raised outside every lock, by the request that noticed it. A handler that throws is
    /// logged and harms nobody; a slow one delays that request.
    /// </summary>
    public event EventHandler<CacheHitRateEventArgs>? HitRateChanged;

    /// <summary>
    /// The kill switch. Off: every call runs its factory, nothing is read or stored, removals still go through and <c>SetAsync</c> removes. When it comes
    /// back on, the memory level starts empty. Thread-safe.
    /// </summary>
    /// <value><see cref="TwoLevelCacheOptions.Enabled"/>.</value>
    public bool IsEnabled
    {
        get => _isEnabled;
        set
        {
            lock (_switch)
            {
                if (value && !_isEnabled)
                    _follower.DropLocal();
                _isEnabled = value;
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>A key or tag that breaks the bounds of <see cref="TwoLevelCacheOptions"/> bypasses the cache: the factory runs, nothing is stored.</remarks>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        return ReadsLocal(options) && TryHit(_local.Find(key), out T value)
            ? new ValueTask<T>(value)
            : FillAsync(key, new PlainFactory<TState, T>(state, factory), options, tags, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>A hit in memory makes no string of the key.</remarks>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        return ReadsLocal(options) && TryHit(_local.Find(key), out T value)
            ? new ValueTask<T>(value)
            : FillAsync(key.ToString(), new PlainFactory<TState, T>(state, factory), options, tags, cancellationToken);
    }

    /// <summary>Looks a value up in both levels without a factory.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key; one that breaks the bounds is never found.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Whether it was found, and the value, which may be a cached <see langword="null"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public ValueTask<CacheLookup<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        return ReadsLocal(null) && TryHit(_local.Find(key), out T value)
            ? new ValueTask<CacheLookup<T>>(new CacheLookup<T>(IsFound: true, value))
            : LookUpAsync<T>(key, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Voids older values on every cache of the bus, then stores. A value that is too long to store, or whose tags break the bounds, only voids. An exception of the
    /// distributed store or the bus reaches the caller: the older value may then still be there.
    /// </remarks>
    public override async ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        if (!KeyRules.IsValid(key, _options.MaximumKeyLength))
            return;
        if (!KeyRules.TryTake(tags, _options, out var taken) || !_isEnabled)
        {
            await RemoveAsync(key, cancellationToken).ConfigureAwait(false);
            return;
        }

        var plan = EntryPlan.Of(options, _options, taken);
        if (value is null)
            plan = plan.ForNothing(_options);
        var claim = await _values.ClaimAsync(key, plan, cancellationToken).ConfigureAwait(false);
        var token = _versions.Current;
        var version = await InvalidateAsync(new Invalidation(_options.Name, keys: [key]), cancellationToken).ConfigureAwait(false);
        await _values.SetAsync(key, value, plan, token, claim with { Position = version }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>An exception of the bus or the distributed store reaches the caller: the value may then still be served elsewhere.</remarks>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return KeyRules.IsValid(key, _options.MaximumKeyLength) ? RemoveAllAsync([key], cancellationToken) : ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A key is null.</exception>
    public override async ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        foreach (var group in InvalidationGroups.Of(Valid(keys, nameof(keys))))
            await RemoveAllAsync(group, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Takes the same time however many entries have the tag; <c>*</c> clears the cache.</remarks>
    public override async ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tag);
        if (KeyRules.IsValid(tag, _options.MaximumKeyLength))
            await RemoveTagsAsync([tag], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A tag is null.</exception>
    public override async ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default)
    {
        foreach (var group in InvalidationGroups.Of(Valid(tags, nameof(tags))))
            await RemoveTagsAsync(group, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leaves the bus and drops the memory level. Fills under way end and are not stored; the shared level and the bus belong to their owner.</summary>
    public void Dispose()
    {
        _selfCheck?.Dispose();
        _follower.Dispose();
        _local.Dispose();
        _metrics.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static ILocalStore StoreOf(TwoLevelCacheOptions options, MonotonicClock clock, CachingMetrics metrics)
    {
        var limits = new LocalLimits(options.SizeLimit, options.SizeLimitBytes);
        ILocalStore store = options.LocalStore == LocalStoreKind.MemoryCache
            ? new MemoryCacheStore(limits, clock, metrics)
            : new S3FifoStore(limits, clock, metrics);
        metrics.Watch(store);
        return store;
    }

    private bool ReadsLocal(HybridCacheEntryOptions? options) =>
        _isEnabled && ((options?.Flags ?? _options.Flags) & HybridCacheEntryFlags.DisableLocalCacheRead) == HybridCacheEntryFlags.None;

    private bool TryHit<T>(LocalEntry? entry, out T value)
    {
        if (entry is LocalEntry<T> typed && _clock.IsBefore(Math.Min(typed.RefreshAt, _versions.TrustedUntil)) && typed.TryGetValue(out value))
        {
            _metrics.Requested(FillSource.Local);
            _selfCheck?.Sample(typed);
            return true;
        }

        value = default!;
        return false;
    }

    private bool CanCache(string key) => _isEnabled && KeyRules.IsValid(key, _options.MaximumKeyLength);

    private IEnumerable<string> Valid(IEnumerable<string>? names, string parameter) =>
        (names ?? [])
            .Where(n => KeyRules.IsValid(n ?? throw new ArgumentException("A key or tag is null.", parameter), _options.MaximumKeyLength))
            .Distinct(StringComparer.Ordinal);

    private async ValueTask RemoveAllAsync(string[] keys, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // The log first: from then on every cache rejects what the shared level still holds, and what is stored later is older than the record or newer.
        var version = await InvalidateAsync(new Invalidation(_options.Name, keys), cancellationToken).ConfigureAwait(false);
        if (_shared is not null)
            await _shared.RevokeAsync(keys, version, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask RemoveTagsAsync(string[] tags, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var marking = _shared?.Cleared is { } mark && tags.Contains(Invalidation.Everything, StringComparer.Ordinal)
            ? mark.ChangeAsync(cancellationToken)
            : Task.CompletedTask;
        await Task.WhenAny(marking).ConfigureAwait(false);
        await InvalidateAsync(new Invalidation(_options.Name, tags: tags), cancellationToken).ConfigureAwait(false);

        // A mark that could not be written does not hold the clear up, but the caller must know.
        await marking.ConfigureAwait(false);
    }

    private async ValueTask<InvalidationPosition> InvalidateAsync(Invalidation invalidation, CancellationToken cancellationToken)
    {
        try
        {
            return await _follower.InvalidateAsync(invalidation, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // The others were not told; here at least nothing old may live on.
            _follower.DropLocal();
            throw;
        }
    }
}
