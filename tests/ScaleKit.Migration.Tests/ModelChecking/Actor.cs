namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>Somebody in a process who does one operation after the other. Not thread-safe.</summary>
internal sealed class Actor(string name, int home, IReadOnlyList<Op> script)
{
    public string Name => name;

    /// <summary>The index of the process that it lives in.</summary>
    public int Home => home;

    public IReadOnlyList<Op> Script => script;

    public int Next { get; set; }

    /// <summary>The operation that runs; it is another object after a crash.</summary>
    public object? Running { get; set; }

    public int Slot { get; set; } = -1;

    public Call? Pending { get; set; }

    public Alarm? Alarm { get; set; }

    /// <summary>What has happened to the operation so far: it determines where in the shipping code it stands.</summary>
    public ulong History { get; set; }

    public bool IsDone => Running is null && Next == script.Count;

    public ulong Hash(int changes)
    {
        var hash = Mix.In(Mix.In(Mix.In((ulong)Next, Running is not null), History), Slot);
        return Alarm is { IsOver: false } alarm ? Mix.In(Mix.In(hash, alarm.IsPause), alarm.Changes < changes) : hash;
    }
}
