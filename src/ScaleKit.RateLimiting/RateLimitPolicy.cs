namespace ScaleKit.RateLimiting;

/// <summary>
/// One named limit: at most <see cref="Limit"/> permits in any window of length <see cref="Window"/>, whatever its beginning.
/// Immutable and safe to share between threads. Two policies of one name that meet in one store count together.
/// </summary>
public sealed class RateLimitPolicy
{
    /// <summary>The name of the policy that answers for every unknown name: <c>default</c>.</summary>
    public const string DefaultName = "default";

    /// <summary>Buckets a window is divided into unless told otherwise: 16.</summary>
    public const int DefaultBuckets = 16;

    /// <summary>The greatest limit: 1,000,000,000 permits.</summary>
    public const int MaximumLimit = 1_000_000_000;

    /// <summary>The greatest number of buckets: 1,024.</summary>
    public const int MaximumBuckets = 1024;

    /// <summary>The longest name, in UTF-16 code units: 128.</summary>
    public const int MaximumNameLength = 128;

    /// <summary>Creates a policy.</summary>
    /// <param name="name">1 to 128 characters of valid UTF-16 without control characters. It becomes a metric tag and a header value: never take it from a user.</param>
    /// <param name="limit">Permits a window, 1 to 1,000,000,000.</param>
    /// <param name="window">Length of the window, 1 millisecond to 366 days.</param>
    /// <param name="buckets">1 to 1,024. A permit returns at most <paramref name="window"/> / <paramref name="buckets"/> late; more buckets cost 12 bytes each for a busy key.
    /// With <paramref name="limit"/> up to <paramref name="buckets"/> + 1 every permit returns exactly on time.</param>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or holds control characters or half a surrogate pair.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number or the length of the name is outside its range.</exception>
    public RateLimitPolicy(string name, int limit, TimeSpan window, int buckets = DefaultBuckets)
    {
        PolicyRules.CheckName(name, nameof(name));
        PolicyRules.CheckLimit(name, limit, nameof(limit));
        PolicyRules.CheckWindow(name, window, nameof(window));
        PolicyRules.CheckBuckets(name, buckets, nameof(buckets));
        Name = name;
        Limit = limit;
        Window = window;
        Buckets = buckets;
        BucketTicks = (window.Ticks + buckets - 1) / buckets;
        NameHash = name.GetHashCode(StringComparison.Ordinal) * unchecked((int)0x9E3779B9);
    }

    /// <summary>The shortest window: 1 millisecond.</summary>
    public static TimeSpan MinimumWindow { get; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest window: 366 days.</summary>
    public static TimeSpan MaximumWindow { get; } = TimeSpan.FromDays(366);

    /// <summary>The policy's name, compared by ordinal in a store and without regard to case in a configuration.</summary>
    public string Name { get; }

    /// <summary>Permits in any window of length <see cref="Window"/>.</summary>
    public int Limit { get; }

    /// <summary>Length of the window.</summary>
    public TimeSpan Window { get; }

    /// <summary>Parts of a window: a permit returns at most <see cref="Window"/> / <see cref="Buckets"/> late.</summary>
    public int Buckets { get; }

    /// <summary>
    /// Shadow mode: calls are counted and answered as ever, but where the answer would be a refusal it is <see cref="RateLimitOutcome.WouldRefuse"/> and the caller
    /// goes on. Shows what a limit would do before it does it. Read by the limiters; a store refuses regardless.
    /// </summary>
    /// <value>false</value>
    public bool IsShadow { get; init; }

    /// <summary>
    /// Permits of one key that may wait in line for others to return, 0 to 1,000,000,000. With 0 nobody waits: a call without permits is refused at once.
    /// Read by the limiters, each process has its own line.
    /// </summary>
    /// <value>0</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int QueueLimit
    {
        get;
        init
        {
            PolicyRules.CheckPermits(Name, value, nameof(QueueLimit));
            field = value;
        }
    }

    /// <summary>
    /// Permits of one key that a node may take ahead from a store over a network, 0 to 1,000,000,000, to answer the next calls without asking: for keys so hot that
    /// asking is too slow. How many it takes follows its rate. They are used within the bucket that they are counted in, so the limit holds in any window as ever, and
    /// what is left goes back; until then other nodes may be refused for the sake of permits that lie here. No effect in process, nor where <see cref="Limit"/> is at
    /// most <see cref="Buckets"/> + 1.
    /// </summary>
    /// <value>0: each call is asked for.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int LeaseLimit
    {
        get;
        init
        {
            PolicyRules.CheckPermits(Name, value, nameof(LeaseLimit));
            field = value;
        }
    }

    /// <summary>Width of a bucket, rounded up to the next 100 ns, so that <see cref="Buckets"/> of them cover the window.</summary>
    internal long BucketTicks { get; }

    /// <summary>Seeded per process, like every string hash: whoever chooses keys cannot choose collisions.</summary>
    internal int NameHash { get; }

    /// <summary>The name and the three figures.</summary>
    public override string ToString() => FormattableString.Invariant($"{Name}: {Limit} in {Window} ({Buckets} buckets)");

    /// <summary>Neither shadow nor line: a store's answer is the answer.</summary>
    internal bool IsPlain => QueueLimit == 0 && !IsShadow;

    internal bool IsSameAs(RateLimitPolicy other) => Limit == other.Limit && HasShapeOf(other) && IsShadow == other.IsShadow
        && QueueLimit == other.QueueLimit && LeaseLimit == other.LeaseLimit;

    internal bool HasShapeOf(RateLimitPolicy other) => Window == other.Window && Buckets == other.Buckets;
}
