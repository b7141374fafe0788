namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// What the processes of a scenario do, learned from the shipping code: it runs once for each state that a process can be in and each thing that can happen to it there. A process shares nothing
/// with the others but what stands behind the ports, and that reaches it as answers; so what it does in one world it does in every other. Not thread-safe.
/// </summary>
internal sealed class ProcessTable(Scenario scenario)
{
    private const int LiveMaximum = 4096;
    private readonly Dictionary<(int Home, ulong Hash), ProcessState> _states = [];
    private readonly Dictionary<(int Home, ulong Lasting), (Lasting After, ProcessState State)> _starts = [];
    private readonly Queue<ProcessState> _live = new();

    /// <summary>How many states of processes are known.</summary>
    public int Count => _states.Count;

    /// <summary>How often the shipping code had to run.</summary>
    public long Runs { get; private set; }

    /// <summary>Starts a process, alone and without faults, on what it finds.</summary>
    /// <param name="home">Its index.</param>
    /// <param name="found">What it finds.</param>
    /// <param name="killed">Where the one before it was killed; the operations then on their way are not done again.</param>
    public (Lasting After, ProcessState State) Start(int home, Lasting found, ProcessState? killed)
    {
        var done = killed?.Actors.Select(static a => a.Next).ToArray() ?? [];
        var key = (home, done.Aggregate(found.Hash(), static (hash, next) => Mix.In(hash, next)));
        if (!_starts.TryGetValue(key, out var start))
        {
            var after = found.Copy();
            var live = Process.Start(scenario, home, after, done);
            _starts.Add(key, start = (after, Intern(live, null, default, found)));
        }

        return start;
    }

    public ProcessStep Step(ProcessState from, in ProcessEvent next)
    {
        if (from.Known(next) is { } known)
        {
            return known;
        }

        var live = Take(from);
        live.Step(next);
        var step = new ProcessStep(Intern(live, from, next, null), live.Outcomes, live.AlarmsSet);
        from.Learn(next, step);
        return step;
    }

    private Process Take(ProcessState state)
    {
        Runs++;
        if (state.Live is { } live)
        {
            state.Live = null;
            return live;
        }

        // A process cannot be copied, as it has operations in the middle of shipping code: it is led there again, by what it has been told.
        var path = new Stack<ProcessEvent>();
        for (; state.Parent is { } parent; state = parent)
        {
            path.Push(state.Via);
        }

        live = Process.Start(scenario, state.Home, state.Origin!.Copy(), [.. state.Actors.Select(static a => a.Next)]);
        foreach (var next in path)
        {
            live.Step(next);
        }

        return live;
    }

    private ProcessState Intern(Process live, ProcessState? parent, in ProcessEvent via, Lasting? origin)
    {
        var key = (live.Home, live.Hash());
        if (!_states.TryGetValue(key, out var state))
        {
            _states.Add(key, state = new ProcessState(live, key.Item2, parent, via, origin));
        }
        else if (!state.IsOf(live))
        {
            throw new InvalidOperationException("Two processes with the same hash wait for different things: the hash leaves out something that matters.");
        }

        if (state.Live is null)
        {
            state.Live = live;
            _live.Enqueue(state);
            if (_live.Count > LiveMaximum)
            {
                _live.Dequeue().Live = null;
            }
        }

        return state;
    }
}
