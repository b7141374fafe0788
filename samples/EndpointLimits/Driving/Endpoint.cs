namespace EndpointLimits;

/// <summary>One line of the table: an endpoint, who calls it, and what came of it. Thread-safe.</summary>
/// <param name="method">The request's method.</param>
/// <param name="path">Its path.</param>
/// <param name="user">Who calls without ever waiting.</param>
/// <param name="policy">The policy that shows in the table.</param>
/// <param name="permits">What one call costs of each policy of the endpoint.</param>
/// <param name="callsAWindow">How many calls are sent in a window: some three times of what is allowed.</param>
internal sealed class Endpoint(HttpMethod method, string path, string user, string policy, int permits, int callsAWindow)
{
    private readonly Lock _gate = new();
    private Counts _counts = new();

    public static IReadOnlyList<Endpoint> All { get; } =
    [
        new(HttpMethod.Post, "auth/login", "ann", "auth/login", 1, 30),
        new(HttpMethod.Get, "workspaces/data", "ann", "workspaces/data", 1, 240),
        new(HttpMethod.Post, "workspaces/data", "ann", "workspaces/data:write", 1, 120),
        new(HttpMethod.Get, "workspaces/data", "acme", "workspaces/data", 1, 900),
        new(HttpMethod.Get, "workspaces/export", "bob", "workspaces/data", 10, 36),
        new(HttpMethod.Post, "google/sync", "ann", "google/sync", 1, 20),
        new(HttpMethod.Post, "ai/chat", "ann", "ai/chat", 1, 15),
        new(HttpMethod.Get, "reports", "ann", "default", 1, 180),
        new(HttpMethod.Get, "reports", "mallory", "default", 1, 5),
    ];

    public HttpMethod Method { get; } = method;

    public string Path { get; } = path;

    public string User { get; } = user;

    public string Policy { get; } = policy;

    public int Permits { get; } = permits;

    public int CallsAWindow { get; } = callsAWindow;

    public Counts Now
    {
        get
        {
            lock (_gate)
            {
                return _counts;
            }
        }
    }

    public void Count(Func<Counts, Counts> add)
    {
        lock (_gate)
        {
            _counts = add(_counts);
        }
    }

    /// <summary>What came of the calls so far.</summary>
    internal sealed record Counts
    {
        public int Sent { get; init; }

        public int Admitted { get; init; }

        public int Refused { get; init; }

        /// <summary>Admitted by a policy in shadow mode that would have refused: such an answer carries no fields.</summary>
        public int WouldRefuse { get; init; }

        /// <summary>Clients that came back when they were told, and were let in.</summary>
        public int KeptPromises { get; init; }

        /// <summary>... and were not.</summary>
        public int BrokenPromises { get; init; }

        public int Errors { get; init; }

        public string State { get; init; } = "";

        public string LastPolicy { get; init; } = "";

        public int RetryAfter { get; init; }
    }
}
