namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>What an actor without a pending call may wait for.</summary>
internal enum Waits
{
    Nothing,

    /// <summary>The pause of a loop that looks again.</summary>
    Pause,

    /// <summary>A wait that times out.</summary>
    Timeout,
}
