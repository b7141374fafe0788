namespace ScaleKit.Admission;

/// <summary>The caps and bounds of an <see cref="AdmissionQueue"/>. Checked and copied when handed over: later changes need <see cref="AdmissionQueue.Update"/>.</summary>
public sealed class AdmissionOptions
{
    /// <summary>The configuration section from which <c>AddAdmissionQueue</c> reads these options.</summary>
    public const string SectionName = "ScaleKit:Admission";

    /// <summary>The kill switch. Off: everybody is admitted at once, seats are still counted.</summary>
    /// <value><see langword="true"/>. Read again while running.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Seats in one room, 1 or more.</summary>
    /// <value>8.</value>
    public int RoomCapacity { get; set; } = 8;

    /// <summary>Rooms whose number of seats differs from <see cref="RoomCapacity"/>, by name (ordinal), each 1 or more.</summary>
    /// <value>None.</value>
    public IDictionary<string, int> RoomCapacities { get; private set; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Rooms that may be in use at once, 1 or more. A room is in use while at least one of its seats is taken.</summary>
    /// <value>100.</value>
    public int ActiveRooms { get; set; } = 100;

    /// <summary>Seats in all rooms together, 1 or more.</summary>
    /// <value>800.</value>
    public int TotalCapacity { get; set; } = 800;

    /// <summary>Visitors that may wait in all, 0 to 10,000,000. At 0 nobody waits.</summary>
    /// <value>10,000.</value>
    public int QueueCapacity { get; set; } = 10_000;

    /// <summary>Visitors that may wait for one room, 0 to 10,000,000. Bounds the cost of reading a position.</summary>
    /// <value>1,000.</value>
    public int RoomQueueCapacity { get; set; } = 1_000;

    /// <summary>
    /// How many visitors of a higher <see cref="AdmissionPriority"/> may be admitted to a room, one after another, before one of a lower that waits for the same
    /// room, 1 to 1,000. Then the one of the lower classes that has waited longest is next.
    /// </summary>
    /// <value>4.</value>
    public int PriorityBurst { get; set; } = 4;

    /// <summary>
    /// Whether a visitor whose expected wait is longer than its deadline is refused at once (<see cref="AdmissionRefusal.DeadlineHopeless"/>). While no release
    /// rate was measured nobody is.
    /// </summary>
    /// <value><see langword="false"/>: an estimate is no promise.</value>
    public bool RefuseHopelessWaits { get; set; }

    /// <summary>
    /// The longest that one visitor may keep a seat, 1 second to 365 days, or <see cref="Timeout.InfiniteTimeSpan"/>. Then the seat is given to the next and
    /// <see cref="AdmissionLease.LeaseLost"/> is cancelled. Counts for leases given from then on.
    /// </summary>
    /// <value><see cref="Timeout.InfiniteTimeSpan"/>. With a limit every seat is given and taken under the queue's lock.</value>
    public TimeSpan MaximumHold { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How long a holder may give no sign of life (<see cref="AdmissionLease.Beat"/>), 1 second to 365 days, or <see cref="Timeout.InfiniteTimeSpan"/>. Then the seat
    /// is given to the next and <see cref="AdmissionLease.LeaseLost"/> is cancelled: so half-open connections, whose end nobody was told of, give their seats back.
    /// Counts for leases given from then on.
    /// </summary>
    /// <value><see cref="Timeout.InfiniteTimeSpan"/>. With a limit every seat is given and taken under the queue's lock.</value>
    public TimeSpan IdleTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>What happens when a client that is in a room, or waits for it, asks for it again.</summary>
    /// <remarks>
    /// This, <see cref="RoomWeights"/> and <see cref="Discipline"/> look at all who are there and all who wait: they are of one process, and refused where the seats are shared.
    /// </remarks>
    /// <value><see cref="AdmissionSameClient.Allow"/>. With another every seat is given and taken under the queue's lock. Counts for who comes from then on.</value>
    public AdmissionSameClient SameClient { get; set; }

    /// <summary>Who of those who wait for a room is served first.</summary>
    /// <value><see cref="AdmissionDiscipline.Fifo"/>.</value>
    public AdmissionDiscipline Discipline { get; set; }

    /// <summary>With <see cref="AdmissionDiscipline.AdaptiveLifo"/>: the longest wait while a room is overloaded, 1 ms to one minute, at most <see cref="OverloadInterval"/>.</summary>
    /// <value>5 ms.</value>
    public TimeSpan OverloadTarget { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>With <see cref="AdmissionDiscipline.AdaptiveLifo"/>: how long a room is waited for before that is overload, and the longest wait until then, 1 ms to one minute.</summary>
    /// <value>100 ms.</value>
    public TimeSpan OverloadInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How many visitors a room may have seated, one after another, in its turn among the rooms that wait for the total, by name (ordinal), each 1 to 1,000. A room
    /// that waits is served after at most the sum of the others' weights.
    /// </summary>
    /// <value>None: each room one.</value>
    public IDictionary<string, int> RoomWeights { get; private set; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>How long a token of <see cref="AdmissionTicket.CreateResumeToken"/> is good, 1 second to one day.</summary>
    /// <value>1 minute.</value>
    public TimeSpan ResumeLifetime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether each lease remembers where it was given, so that the log can say which one was lost. Costs microseconds and kilobytes a lease.</summary>
    /// <value><see langword="false"/>. For development.</value>
    public bool CaptureLeaseStacks { get; set; }

    /// <summary>The longest wait of a request that names none: zero (never wait) to seven days, or <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    /// <value>5 minutes.</value>
    public TimeSpan DefaultDeadline { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The shortest time between two pushed progress updates, 10 ms to one hour. Fixed when the queue is made.</summary>
    /// <value>1 second.</value>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The retry hint of a refusal as long as no release rate was measured, 1 second to 5 minutes.</summary>
    /// <value>5 seconds.</value>
    public TimeSpan RetryAfterFallback { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest room name and client id in UTF-16 units, 1 to 4,096.</summary>
    /// <value>256.</value>
    public int MaximumNameLength { get; set; } = 256;

    /// <summary>
    /// Where seats are shared: how long the store keeps the seats of a node that does not call, 1 second to 1 hour. A node that is killed gives its seats back
    /// after this time; one that stands still for longer loses them. Fixed when the queue is made; the same on all nodes.
    /// </summary>
    /// <value>10 seconds.</value>
    public TimeSpan StoreLease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Where seats are shared: how long the store may fail to answer before <see cref="WhenStoreIsAway"/> decides, zero to 1 minute.</summary>
    /// <value>1 second.</value>
    public TimeSpan StorePatience { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Where seats are shared: who is admitted while the store does not answer.</summary>
    /// <value><see cref="AdmissionFallback.Local"/>.</value>
    public AdmissionFallback WhenStoreIsAway { get; set; } = AdmissionFallback.Local;

    internal AdmissionOptions Copy()
    {
        var copy = (AdmissionOptions)MemberwiseClone();
        copy.RoomCapacities = new Dictionary<string, int>(RoomCapacities, StringComparer.Ordinal);
        copy.RoomWeights = new Dictionary<string, int>(RoomWeights, StringComparer.Ordinal);
        return copy;
    }

    internal void CopyTo(AdmissionOptions other)
    {
        other.Enabled = Enabled;
        other.RoomCapacity = RoomCapacity;
        other.ActiveRooms = ActiveRooms;
        other.TotalCapacity = TotalCapacity;
        other.QueueCapacity = QueueCapacity;
        other.RoomQueueCapacity = RoomQueueCapacity;
        other.DefaultDeadline = DefaultDeadline;
        other.ProgressInterval = ProgressInterval;
        other.RetryAfterFallback = RetryAfterFallback;
        other.MaximumNameLength = MaximumNameLength;
        other.PriorityBurst = PriorityBurst;
        other.RefuseHopelessWaits = RefuseHopelessWaits;
        other.MaximumHold = MaximumHold;
        other.CaptureLeaseStacks = CaptureLeaseStacks;
        other.StoreLease = StoreLease;
        other.StorePatience = StorePatience;
        other.WhenStoreIsAway = WhenStoreIsAway;
        other.IdleTimeout = IdleTimeout;
        other.SameClient = SameClient;
        other.Discipline = Discipline;
        other.OverloadTarget = OverloadTarget;
        other.OverloadInterval = OverloadInterval;
        other.ResumeLifetime = ResumeLifetime;
        CopyTo(RoomCapacities, other.RoomCapacities);
        CopyTo(RoomWeights, other.RoomWeights);
    }

    private static void CopyTo(IDictionary<string, int> from, IDictionary<string, int> to)
    {
        to.Clear();
        foreach (var (room, value) in from)
        {
            to[room] = value;
        }
    }
}
