namespace EndpointLimits;

/// <summary>
/// Judges from outside whether a limit was kept. When a server decided a call is not known here, but it lies between sending and answer: calls that
/// lie whole in one window were surely decided within it, so they may not be more than the limit. Thread-safe.
/// </summary>
internal sealed class WindowJudge
{
    // Clocks of two machines run apart a little while a window passes.
    private static readonly TimeSpan Drift = TimeSpan.FromMilliseconds(10);
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Policy, string User), Record> _records = [];

    /// <summary>The greatest share of its limit that any key had in any window.</summary>
    public double MostOfLimit
    {
        get
        {
            lock (_gate)
            {
                return _records.Values.Select(record => record.MostOfLimit).DefaultIfEmpty().Max();
            }
        }
    }

    public void Admitted(NamedLimit limit, string user, int permits, long sentAt, long answeredAt)
    {
        lock (_gate)
        {
            if (!_records.TryGetValue((limit.Policy, user), out var record))
                _records[(limit.Policy, user)] = record = new Record();
            record.Calls.Add(new(limit, permits, sentAt, answeredAt));
        }
    }

    /// <summary>Looks at what has come since. What no open window can hold is forgotten then.</summary>
    public void Judge()
    {
        lock (_gate)
        {
            foreach (var record in _records.Values)
                record.Judge();
        }
    }

    /// <summary>The most permits in one window, and the limit there.</summary>
    public (int Permits, int Limit) MostOf(string policy, string user)
    {
        lock (_gate)
        {
            return _records.TryGetValue((policy, user), out var record) ? record.Most : default;
        }
    }

    private sealed record Call(NamedLimit Limit, int Permits, long SentAt, long AnsweredAt);

    private sealed class Record
    {
        public List<Call> Calls { get; } = [];

        public (int Permits, int Limit) Most { get; private set; }

        public double MostOfLimit => Most.Limit == 0 ? 0 : Most.Permits / (double)Most.Limit;

        public void Judge()
        {
            Calls.Sort(static (one, other) => one.SentAt.CompareTo(other.SentAt));
            for (var first = 0; first < Calls.Count; first++)
            {
                var (permits, limit) = (0, 0);
                for (var i = first; i < Calls.Count && Lies(Calls[i].SentAt, first); i++)
                {
                    if (Lies(Calls[i].AnsweredAt, first))
                        (permits, limit) = (permits + Calls[i].Permits, Math.Max(limit, Calls[i].Limit.Permits));
                }

                // A reload within the window: the limit of the last decision held for all of them, and it is one of those that were named.
                if (permits * (double)Math.Max(1, Most.Limit) >= Most.Permits * (double)limit)
                    Most = (permits, limit);
            }

            var newest = Calls.Count == 0 ? 0 : Calls[^1].SentAt;
            Calls.RemoveAll(call => TimeProvider.System.GetElapsedTime(call.SentAt, newest) > 3 * call.Limit.Window);
        }

        private bool Lies(long time, int first) =>
            TimeProvider.System.GetElapsedTime(Calls[first].SentAt, time) < Calls[first].Limit.Window - Drift;
    }
}
