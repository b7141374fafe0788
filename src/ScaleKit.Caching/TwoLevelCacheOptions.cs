using System.Text.Json;
using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>
/// Settings of a <see cref="TwoLevelCache"/>. The cache checks and copies them in its constructor, so later changes to this object have no effect;
/// <see cref="Enabled"/> alone is followed while the cache runs, through <see cref="TwoLevelCache.IsEnabled"/>. Not thread-safe.
/// </summary>
public sealed class TwoLevelCacheOptions
{
    /// <summary>The configuration section that <c>AddTwoLevelCache</c> reads.</summary>
    public const string SectionName = "ScaleKit:Caching";

    /// <summary>The kill switch: <see langword="false"/> makes the cache a pass-through that runs the factory on every call.</summary>
    /// <value><see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Separates caches that share a distributed cache or an invalidation bus: it prefixes the distributed keys and stands in every invalidation.
    /// 1 to 64 ASCII letters, digits, <c>-</c>, <c>_</c> or <c>.</c>.
    /// </summary>
    /// <value><c>default</c>.</value>
    public string Name { get; set; } = "default";

    /// <summary>How long a value lives, in both levels, where a call gives no expiration of its own. Greater than zero.</summary>
    /// <value>5 minutes.</value>
    public TimeSpan Expiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a value lives in memory; never longer than its expiration. Greater than zero, or <see langword="null"/> for the expiration itself.</summary>
    /// <value><see langword="null"/>.</value>
    public TimeSpan? LocalExpiration { get; set; }

    /// <summary>
    /// Entries expire up to this much earlier, at random, so that entries made together do not expire together. Never more than a tenth of the
    /// entry's lifetime, and never later than the lifetime. Zero or more; zero turns it off.
    /// </summary>
    /// <value>10 seconds.</value>
    public TimeSpan JitterMaximum { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long after its expiration a value may still be served when the factory fails. Zero or more; zero turns fail-safe off. A value that was removed
    /// or invalidated by a tag is never served, whatever this says.
    /// </summary>
    /// <value>Zero (off).</value>
    public TimeSpan FailSafeMaximum { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// How long the answer that there is nothing lives at most, in both levels: <see langword="null"/>, or <see cref="CacheFill.NotFound{T}"/> from the factory.
    /// Shorter than the expiration, because what is missing is often created by somebody who knows nothing of the cache. Greater than zero.
    /// </summary>
    /// <value>30 seconds.</value>
    public TimeSpan NegativeExpiration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For how long after a factory failed the calls for its key get the same failure, or the expired value within <see cref="FailSafeMaximum"/>, without
    /// running a factory. Doubles with each failure in a row, up to 16 times. An invalidation of the key ends it. Zero or more; zero turns it off.
    /// </summary>
    /// <value>Zero (off).</value>
    public TimeSpan FailureBackOff { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// How long callers wait for a factory before they get the expired value within <see cref="FailSafeMaximum"/>, where there is one. The factory goes on, and
    /// what it makes is stored. Greater than zero, or <see langword="null"/> to wait.
    /// </summary>
    /// <value><see langword="null"/>.</value>
    public TimeSpan? FactorySoftTimeout { get; set; }

    /// <summary>
    /// How long a factory may take. Then it is cancelled, what it may still make is not stored, and its callers get the expired value within
    /// <see cref="FailSafeMaximum"/> or a <see cref="TimeoutException"/>. Greater than zero and than <see cref="FactorySoftTimeout"/>, or <see langword="null"/> for no end.
    /// </summary>
    /// <value><see langword="null"/>.</value>
    public TimeSpan? FactoryHardTimeout { get; set; }

    /// <summary>
    /// The share of a value's lifetime after which a hit in memory starts its refresh in the background: the hit gets the present value, and the next ones the new
    /// one. A node first looks whether another has refreshed the value in the distributed level. Over 0 and under 1, or <see langword="null"/> for no refresh. The factory
    /// then outlives the call that brought it: it must not use what ends with a request.
    /// </summary>
    /// <value><see langword="null"/>.</value>
    public double? EagerRefreshAt { get; set; }

    /// <summary>
    /// Probabilistic early expiration (XFetch): hits in memory shortly before the expiration start a refresh at random, the sooner the longer the factory took.
    /// 1 is the paper's optimum, more refreshes earlier; 0 turns it off. 0 to 100. As for <see cref="EagerRefreshAt"/>, the factory outlives its call.
    /// </summary>
    /// <value>0.</value>
    public double EarlyExpirationBeta { get; set; }

    /// <summary>The most keys of one <c>GetOrCreateManyAsync</c>. 1 to 100,000.</summary>
    /// <value>1,000.</value>
    public int MaximumBatchKeys { get; set; } = 1000;

    /// <summary>The most entries that the memory level holds. When it is full, others make room for the new one; <see cref="LocalStore"/> decides which. At least 1.</summary>
    /// <value>100,000.</value>
    public long SizeLimit { get; set; } = 100_000;

    /// <summary>
    /// The most bytes that the memory level holds, keys, tags and a fixed cost of each entry included. The bytes of a value are those of its serialized form or its
    /// characters; an immutable object that was never serialized counts 256. A value that alone is larger is not kept in memory. At least 1,024;
    /// <see cref="long.MaxValue"/> for no limit.
    /// </summary>
    /// <value>256 MiB.</value>
    public long SizeLimitBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>What the memory level is made of.</summary>
    /// <value><see cref="LocalStoreKind.S3Fifo"/>.</value>
    public LocalStoreKind LocalStore { get; set; } = LocalStoreKind.S3Fifo;

    /// <summary>The longest serialized value, in bytes before compression, that is stored or read; a longer one is returned to the caller and not cached. At least 1.</summary>
    /// <value>1 MiB.</value>
    public int MaximumPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// From how many serialized bytes on a value is compressed (Brotli) for the distributed level, and kept so where that makes it shorter. Memory holds it
    /// uncompressed. <see cref="HybridCacheEntryFlags.DisableCompression"/> exempts a call's values. At least 1; <see cref="int.MaxValue"/> for no compression. What is
    /// compressed is read whatever this says.
    /// </summary>
    /// <value>4,096 bytes.</value>
    public int CompressionThresholdBytes { get; set; } = 4096;

    /// <summary>The longest key and the longest tag, in UTF-16 characters. A call with a longer one bypasses the cache and runs the factory. 1 to 16,384.</summary>
    /// <value>1,024.</value>
    public int MaximumKeyLength { get; set; } = 1024;

    /// <summary>The most tags of one entry; a call with more bypasses the cache and runs the factory. 0 to 256.</summary>
    /// <value>16.</value>
    public int MaximumTags { get; set; } = 16;

    /// <summary>
    /// How many distinct removed keys, and as many distinct removed tags, the cache remembers. What was forgotten is judged on the safe side: a fill that
    /// began before a forgotten removal is not stored, a tagged entry older than a forgotten tag removal is a miss. At least 16.
    /// </summary>
    /// <value>65,536.</value>
    public int TrackedInvalidations { get; set; } = 65_536;

    /// <summary>
    /// How often the cache asks the invalidation log whether it has heard everything, where records can get lost on the way. What got lost is served no
    /// longer than this and a round trip. 10 ms to 1 minute, and less than <see cref="MaxStaleness"/>.
    /// </summary>
    /// <value>500 ms.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long the memory level is used after the last question that the invalidation log has answered. After that it is suspect and bypassed: a node that
    /// is cut off serves a removed value no longer than this. More than <see cref="HeartbeatInterval"/>, 1 hour at most.
    /// </summary>
    /// <value>2 s.</value>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether an expired or suspect value may be served within <see cref="FailSafeMaximum"/> when the factory fails while the invalidation log is out of
    /// reach. Such a value may have been removed meanwhile without this node hearing of it.
    /// </summary>
    /// <value><see langword="false"/>.</value>
    public bool FailSafeWhileSuspect { get; set; }

    /// <summary>
    /// How long a node holds the right to fill a key without a sign of life; it renews it while its factory runs. When the node dies, another one takes over
    /// after this time. 50 ms to 10 minutes.
    /// </summary>
    /// <value>5 s.</value>
    public TimeSpan FillLease { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The share of hits in memory that are held against the invalidation log itself, one at a time: one that was void there, and would still be served
    /// <see cref="MaxStaleness"/> later, is counted as <see cref="CachingDiagnostics.StaleHits"/>. Each check reads all that the log remembers. 0 to 1.
    /// </summary>
    /// <value>0 (off).</value>
    public double SelfCheckRate { get; set; }

    /// <summary>
    /// The share of requests under which <see cref="TwoLevelCache.HitRateChanged"/> is raised, a warning is logged, and <see cref="CachingDiagnostics.HitRateLow"/> is 1, until a tenth more are hits
    /// of a level. 0 to 0.9.
    /// </summary>
    /// <value>0 (off).</value>
    public double HitRateFloor { get; set; }

    /// <summary>The flags of calls that give none.</summary>
    /// <value><see cref="HybridCacheEntryFlags.None"/>.</value>
    public HybridCacheEntryFlags Flags { get; set; } = HybridCacheEntryFlags.None;

    /// <summary>
    /// How values without a serializer of their own become JSON. Give one with a source-generated <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>
    /// as its resolver where the application is trimmed or compiled ahead of time.
    /// </summary>
    /// <value><see langword="null"/>: reflection where the application allows it, nothing otherwise.</value>
    public JsonSerializerOptions? JsonSerializerOptions { get; set; }

#pragma warning disable MA0015 // The settings stand where other methods have parameters: the exception names the setting.
    internal TwoLevelCacheOptions Validated()
    {
        ArgumentNullException.ThrowIfNull(Name);
        if (Name.Length is 0 or > 64 || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
        {
            throw new ArgumentException($"{nameof(Name)} must be 1 to 64 ASCII letters, digits, '-', '_' or '.'; it is \"{Printable.Of(Name)}\".", nameof(Name));
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Expiration, TimeSpan.Zero);
        if (LocalExpiration is { } local)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(local, TimeSpan.Zero, nameof(LocalExpiration));
        ArgumentOutOfRangeException.ThrowIfLessThan(JitterMaximum, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(FailSafeMaximum, TimeSpan.Zero);
        ValidateFreshness();
        ArgumentOutOfRangeException.ThrowIfLessThan(SizeLimit, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SizeLimitBytes, 1024);
        if (LocalStore is not (LocalStoreKind.S3Fifo or LocalStoreKind.MemoryCache))
            throw new ArgumentOutOfRangeException(nameof(LocalStore), LocalStore, $"{nameof(LocalStore)} must be one of {nameof(LocalStoreKind)}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumPayloadBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CompressionThresholdBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumKeyLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumKeyLength, 16_384);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumTags, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumTags, 256);
        ArgumentOutOfRangeException.ThrowIfLessThan(TrackedInvalidations, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(HeartbeatInterval, TimeSpan.FromMilliseconds(10));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(HeartbeatInterval, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxStaleness, HeartbeatInterval);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxStaleness, TimeSpan.FromHours(1));
        if (SelfCheckRate is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(SelfCheckRate), SelfCheckRate, $"{nameof(SelfCheckRate)} must be 0 to 1.");
        if (HitRateFloor is not (>= 0 and <= 0.9))
            throw new ArgumentOutOfRangeException(nameof(HitRateFloor), HitRateFloor, $"{nameof(HitRateFloor)} must be 0 to 0.9.");
        ArgumentOutOfRangeException.ThrowIfLessThan(FillLease, TimeSpan.FromMilliseconds(50));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FillLease, TimeSpan.FromMinutes(10));
        return (TwoLevelCacheOptions)MemberwiseClone();
    }

    private void ValidateFreshness()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(NegativeExpiration, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(FailureBackOff, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FailureBackOff, TimeSpan.FromDays(1));
        if (EagerRefreshAt is { } share && share is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(EagerRefreshAt), share, $"{nameof(EagerRefreshAt)} must be over 0 and under 1.");
        if (EarlyExpirationBeta is not (>= 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(EarlyExpirationBeta), EarlyExpirationBeta, $"{nameof(EarlyExpirationBeta)} must be 0 to 100.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumBatchKeys, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumBatchKeys, 100_000);
        if (FactorySoftTimeout is { } soft)
            CheckTimeout(soft, nameof(FactorySoftTimeout));
        if (FactoryHardTimeout is { } hard)
        {
            CheckTimeout(hard, nameof(FactoryHardTimeout));
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(hard, FactorySoftTimeout ?? TimeSpan.Zero, nameof(FactoryHardTimeout));
        }
    }

    private static void CheckTimeout(TimeSpan timeout, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromDays(1), name);
    }
#pragma warning restore MA0015
}
