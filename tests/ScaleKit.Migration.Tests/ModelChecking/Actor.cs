namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>Somebody in a live process who does one operation after the other. Not thread-safe.</summary>
internal sealed class Actor(int index, IReadOnlyList<Op> script)
{
    /// <summary>Its place among the actors of its process.</summary>
    public int Index => index;

    public IReadOnlyList<Op> Script => script;

    public int Next { get; set; }

    public bool IsRunning { get; set; }

    public Waiting? Pending { get; set; }

    public Alarm? Alarm { get; set; }

    /// <summary>What has happened to the operation so far: it determines where in the shipping code it stands.</summary>
    public ulong History { get; set; }

    /// <summary>It waits for something that another actor of its process does.</summary>
    public bool IsBlocked => IsRunning && Pending is null && Alarm is not { IsOver: false };

    public ActorState State() => new(
        Next, IsRunning, IsRunning || Next < script.Count, Pending?.Call, Alarm is { IsOver: false } alarm ? alarm.IsPause ? Waits.Pause : Waits.Timeout : Waits.Nothing);

    public ulong Hash() => Mix.In(Mix.In(Mix.In((ulong)Next, IsRunning), History), Alarm is { IsOver: false } alarm ? alarm.IsPause ? 2UL : 1UL : 0UL);
}
