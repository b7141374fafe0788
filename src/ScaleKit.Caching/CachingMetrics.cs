using System.Diagnostics.Metrics;

namespace ScaleKit.Caching;

/// <summary>The instruments of one cache. The tag values are made once, so that counting allocates nothing.</summary>
internal sealed class CachingMetrics : IDisposable
{
    private readonly Meter? _owned;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _stampedeJoins;
    private readonly Counter<long> _invalidations;
    private readonly Counter<long> _rejections;
    private readonly Counter<long> _gaps;
    private readonly Counter<long> _catchUps;
    private readonly Counter<long> _drops;
    private readonly Counter<long> _suspensions;
    private readonly Counter<long> _leaseWaits;
    private readonly Histogram<double> _factoryDuration;
    private readonly Histogram<double> _invalidationLag;
    private readonly Counter<long> _evictions;
    private readonly Counter<long> _eagerRefreshes;
    private readonly Counter<long> _staleHits;
    private readonly Counter<long> _selfChecks;
    private readonly KeyValuePair<string, object?> _cache;
    private volatile ILocalStore? _watched;
    private HitRateWatch? _hitRate;

    public CachingMetrics(string cacheName, IMeterFactory? factory)
    {
        Meter meter;
        if (factory is null)
            meter = _owned = new Meter(CachingDiagnostics.MeterName);
        else
            meter = factory.Create(new MeterOptions(CachingDiagnostics.MeterName));
        _cache = new(CachingDiagnostics.CacheTag, cacheName);
        _requests = meter.CreateCounter<long>(CachingDiagnostics.Requests, "{request}", "Calls that asked for a value.");
        _stampedeJoins = meter.CreateCounter<long>(CachingDiagnostics.StampedeJoins, "{request}", "Calls that joined a running factory.");
        _invalidations = meter.CreateCounter<long>(CachingDiagnostics.Invalidations, "{invalidation}", "Invalidations appended to the log.");
        _rejections = meter.CreateCounter<long>(CachingDiagnostics.Rejections, "{value}", "Values that were made or read and not kept.");
        _gaps = meter.CreateCounter<long>(CachingDiagnostics.Gaps, "{gap}", "Times that a record was missing.");
        _catchUps = meter.CreateCounter<long>(CachingDiagnostics.CatchUps, "{record}", "Records that were read from the log later.");
        _drops = meter.CreateCounter<long>(CachingDiagnostics.Drops, "{drop}", "Times that the memory level was dropped.");
        _suspensions = meter.CreateCounter<long>(CachingDiagnostics.Suspensions, "{suspension}", "Times that the memory level became suspect.");
        _leaseWaits = meter.CreateCounter<long>(CachingDiagnostics.LeaseWaits, "{fill}", "Fills that waited for another node.");
        _factoryDuration = meter.CreateHistogram<double>(CachingDiagnostics.FactoryDuration, "s", "Time that factories took.");
        _invalidationLag = meter.CreateHistogram<double>(CachingDiagnostics.InvalidationLag, "s", "Time until an own invalidation came back from the log.");
        _eagerRefreshes = meter.CreateCounter<long>(CachingDiagnostics.EagerRefreshes, "{refresh}", "Refreshes in the background before the expiration.");
        _evictions = meter.CreateCounter<long>(CachingDiagnostics.Evictions, "{entry}", "Entries that left memory before they were removed or replaced.");
        _staleHits = meter.CreateCounter<long>(CachingDiagnostics.StaleHits, "{hit}", "Sampled hits that were void in the log for too long.");
        _selfChecks = meter.CreateCounter<long>(CachingDiagnostics.SelfChecks, "{hit}", "Hits that were held against the log.");
        meter.CreateObservableGauge(
            CachingDiagnostics.HitRateLow, IEnumerable<Measurement<long>> () => _hitRate is { } watch ? [new(watch.IsLow ? 1 : 0, _cache)] : [], "1", "1 while too few requests are hits.");
        meter.CreateObservableUpDownCounter(CachingDiagnostics.Entries, () => Read(static s => s.Count), "{entry}", "Entries in memory.");
        meter.CreateObservableUpDownCounter(CachingDiagnostics.Size, () => Read(static s => s.Bytes), "By", "Bytes of the entries in memory.");
    }

    public bool CountsEvictions => _evictions.Enabled;

    public void Requested(FillSource source)
    {
        _hitRate?.Count(source);
        if (_requests.Enabled)
            _requests.Add(1, new(CachingDiagnostics.ResultTag, NameOf(source)), _cache);
    }

    public void StaleHit() => _staleHits.Add(1, _cache);

    public void SelfChecked() => _selfChecks.Add(1, _cache);

    public void Joined() => _stampedeJoins.Add(1, _cache);

    public void Invalidated() => _invalidations.Add(1, _cache);

    public void Rejected(string reason) => _rejections.Add(1, new(CachingDiagnostics.ReasonTag, reason), _cache);

    public void FellBehind() => _gaps.Add(1, _cache);

    public void CaughtUp(int records) => _catchUps.Add(records, _cache);

    public void Dropped() => _drops.Add(1, _cache);

    public void Suspected() => _suspensions.Add(1, _cache);

    public void LeaseWaited() => _leaseWaits.Add(1, _cache);

    public void FactoryTook(TimeSpan duration) => _factoryDuration.Record(duration.TotalSeconds, _cache);

    public void InvalidationTook(TimeSpan duration) => _invalidationLag.Record(duration.TotalSeconds, _cache);

    public void Refreshed(FillSource source)
    {
        var outcome = source switch
        {
            FillSource.Factory or FillSource.Bypass => "made",
            FillSource.Distributed or FillSource.Local => "adopted",
            _ => "failed",
        };
        _eagerRefreshes.Add(1, new(CachingDiagnostics.OutcomeTag, outcome), _cache);
    }

    public void Evicted(Evicted evicted)
    {
        if (!CountsEvictions)
            return;
        Evicted(evicted.ByEntries, "entries");
        Evicted(evicted.ByBytes, "bytes");
        Evicted(evicted.Expired, "expired");
        Evicted(evicted.Oversized, "oversized");
    }

    /// <summary>Who looks at the share of hits; before the first request.</summary>
    public void Watch(HitRateWatch hitRate) => _hitRate = hitRate;

    /// <summary>Which store the gauges read.</summary>
    public void Watch(ILocalStore store) => _watched = store;

    public void Dispose()
    {
        // A meter of a factory lives on with its callbacks: it must not hold the entries.
        _watched = null;
        _owned?.Dispose();
    }

    private void Evicted(int count, string reason)
    {
        if (count > 0)
            _evictions.Add(count, new(CachingDiagnostics.EvictionTag, reason), _cache);
    }

    private IEnumerable<Measurement<long>> Read(Func<ILocalStore, long> read) =>
        _watched is { } store ? [new Measurement<long>(read(store), _cache)] : [];

    private static string NameOf(FillSource source) => source switch
    {
        FillSource.Local => "l1_hit",
        FillSource.Distributed => "l2_hit",
        FillSource.Stale => "stale",
        FillSource.Bypass => "bypass",
        _ => "miss",
    };
}
