namespace ScaleKit.Migration.Tests.ModelChecking;

internal enum EventKind
{
    /// <summary>An actor begins its next operation.</summary>
    Begin,

    /// <summary>The call of an actor takes effect and answers.</summary>
    Complete,

    /// <summary>The call of an actor fails without effect.</summary>
    Fail,

    /// <summary>The call of an actor times out; it may take effect at any later moment, or never.</summary>
    TimeOut,

    /// <summary>A loop looks again.</summary>
    Pause,

    /// <summary>Nothing else can happen: whoever waits in a loop gives up.</summary>
    GiveUp,

    /// <summary>A wait for operations of an earlier phase times out.</summary>
    Alarm,

    /// <summary>A process is killed and started again; the calls on their way may take effect at any later moment, or never.</summary>
    Crash,

    /// <summary>A process sleeps until its lease has ended: first by its own clock, then by the journal's.</summary>
    Sleep,

    /// <summary>A call that nobody waits for any more takes effect.</summary>
    Late,
}
