namespace ScaleKit.Caching;

/// <summary>The names under which the package reports itself.</summary>
public static class CachingDiagnostics
{
    /// <summary>The meter.</summary>
    public const string MeterName = "ScaleKit.Caching";

    /// <summary>The activity source.</summary>
    public const string ActivitySourceName = "ScaleKit.Caching";

    /// <summary>
    /// Activity: a fill, from the miss in both levels until the value is stored: the wait for another node's factory, the own factory, the write. Tags
    /// <see cref="CacheTag"/> and <see cref="OutcomeTag"/>; an error with <see cref="ErrorTag"/> where the factory's exception reached the callers.
    /// </summary>
    public const string FillActivity = "scalekit.cache.fill";

    /// <summary>
    /// Activity: a miss that waits until the cache is in step with its log again; tag <see cref="CacheTag"/>. An error where the log did not answer: the call then goes
    /// on without the levels.
    /// </summary>
    public const string CatchUpActivity = "scalekit.cache.catch_up";

    /// <summary>Counter of calls that asked for a value, {request}; tags <see cref="ResultTag"/> and <see cref="CacheTag"/>.</summary>
    public const string Requests = "scalekit.cache.requests";

    /// <summary>Histogram of the time that factories took, s, failed ones included; tag <see cref="CacheTag"/>.</summary>
    public const string FactoryDuration = "scalekit.cache.factory.duration";

    /// <summary>
    /// Counter of sampled hits in memory that were void in the log for longer than <see cref="TwoLevelCacheOptions.MaxStaleness"/>, {hit}: a breach of the guarantee, so alert on
    /// the first; tag <see cref="CacheTag"/>. Needs <see cref="TwoLevelCacheOptions.SelfCheckRate"/>.
    /// </summary>
    public const string StaleHits = "scalekit.cache.stale_hits";

    /// <summary>Counter of hits in memory that were held against the log, {hit}; tag <see cref="CacheTag"/>. Needs <see cref="TwoLevelCacheOptions.SelfCheckRate"/>.</summary>
    public const string SelfChecks = "scalekit.cache.self_checks";

    /// <summary>Gauge, 1 while fewer requests than <see cref="TwoLevelCacheOptions.HitRateFloor"/> are hits, else 0; tag <see cref="CacheTag"/>.</summary>
    public const string HitRateLow = "scalekit.cache.hit_rate.low";

    /// <summary>Counter of calls that joined a factory that was running already, {request}; tag <see cref="CacheTag"/>.</summary>
    public const string StampedeJoins = "scalekit.cache.stampede_joins";

    /// <summary>Counter of invalidations that this cache appended to the log, {invalidation}; tag <see cref="CacheTag"/>.</summary>
    public const string Invalidations = "scalekit.cache.invalidations";

    /// <summary>
    /// Histogram of the time, s, from the call that invalidates until this cache heard the record as every other one does, by the channel or in the log; tag <see cref="CacheTag"/>.
    /// </summary>
    public const string InvalidationLag = "scalekit.cache.invalidation.lag";

    /// <summary>Counter of values that were made or read and not kept, {value}; tags <see cref="ReasonTag"/> and <see cref="CacheTag"/>.</summary>
    public const string Rejections = "scalekit.cache.rejections";

    /// <summary>Gauge of the entries in memory, {entry}; tag <see cref="CacheTag"/>.</summary>
    public const string Entries = "scalekit.cache.entries";

    /// <summary>Gauge of the bytes of the entries in memory, By, as <see cref="TwoLevelCacheOptions.SizeLimitBytes"/> counts them; tag <see cref="CacheTag"/>.</summary>
    public const string Size = "scalekit.cache.size";

    /// <summary>Counter of entries that left memory before they were removed or replaced, {entry}; tags <see cref="EvictionTag"/> and <see cref="CacheTag"/>.</summary>
    public const string Evictions = "scalekit.cache.evictions";

    /// <summary>Counter of refreshes in the background before the expiration, {refresh}; tags <see cref="OutcomeTag"/> and <see cref="CacheTag"/>.</summary>
    public const string EagerRefreshes = "scalekit.cache.eager_refreshes";

    /// <summary>
    /// How a refresh or a fill ended: <c>made</c>, <c>adopted</c> (another node had made it), <c>failed</c>, or, a fill only, <c>stale</c>: the factory failed and the
    /// expired value was served.
    /// </summary>
    public const string OutcomeTag = "scalekit.cache.outcome";

    /// <summary>Counter of times that a record was missing or the log contradicted what was known, {gap}; tag <see cref="CacheTag"/>.</summary>
    public const string Gaps = "scalekit.cache.gaps";

    /// <summary>Counter of records that were read from the log because they had not arrived by themselves, {record}; tag <see cref="CacheTag"/>.</summary>
    public const string CatchUps = "scalekit.cache.catch_ups";

    /// <summary>Counter of times that the memory level was dropped because the log's history was lost or trimmed, {drop}; tag <see cref="CacheTag"/>.</summary>
    public const string Drops = "scalekit.cache.drops";

    /// <summary>Counter of times that the memory level became suspect, {suspension}; tag <see cref="CacheTag"/>.</summary>
    public const string Suspensions = "scalekit.cache.suspensions";

    /// <summary>Counter of fills that waited for another node's factory, {fill}; tag <see cref="CacheTag"/>.</summary>
    public const string LeaseWaits = "scalekit.cache.lease_waits";

    /// <summary>What a request came to: <c>l1_hit</c>, <c>l2_hit</c>, <c>miss</c>, <c>stale</c> or <c>bypass</c>.</summary>
    public const string ResultTag = "scalekit.cache.result";

    /// <summary>Why a value was not kept: <c>superseded</c>, <c>oversized</c>, <c>corrupt</c>, <c>unserializable</c> or <c>store_error</c>.</summary>
    public const string ReasonTag = "scalekit.cache.reason";

    /// <summary>
    /// Why an entry left: <c>entries</c> or <c>bytes</c> for the limit that was met (a <c>MemoryCache</c> always says <c>entries</c>), <c>expired</c>, or
    /// <c>oversized</c> for one that did not even enter.
    /// </summary>
    public const string EvictionTag = "scalekit.cache.eviction";

    /// <summary>The type of the exception of an activity that failed. Never its message: that may hold a key.</summary>
    public const string ErrorTag = "error.type";

    /// <summary>The cache's configured name.</summary>
    public const string CacheTag = "scalekit.cache.name";
}
