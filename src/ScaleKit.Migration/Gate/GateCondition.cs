namespace ScaleKit.Migration;

/// <summary>What a phase move asks for.</summary>
public enum GateCondition
{
    /// <summary>The kill switch must be on. Never overridden.</summary>
    Enabled = 0,

    /// <summary>Only a neighbouring rung may follow. Never overridden.</summary>
    Neighbour = 1,

    /// <summary>The stores must be able to do what the phase needs. Never overridden.</summary>
    Capability = 2,

    /// <summary>No other instance may have changed the state at the same time. Never overridden.</summary>
    Undisturbed = 3,

    /// <summary>Operations that began in an earlier phase must have ended in this instance. Never overridden.</summary>
    OperationsEnded = 4,

    /// <summary>Every instance must have acknowledged the phase, or its lease must have ended. Never overridden.</summary>
    FleetAcknowledged = 5,

    /// <summary>The outbox must be paid. Never overridden.</summary>
    OutboxPaid = 6,

    /// <summary>The mirror must hold every row. Never overridden.</summary>
    BackfillComplete = 7,

    /// <summary>A verification must have compared enough rows, with few enough differences.</summary>
    Verified = 8,

    /// <summary>The repair must have been free of debt for long enough.</summary>
    DebtFree = 9,

    /// <summary>The oldest debt must be young enough.</summary>
    Lag = 10,

    /// <summary>Enough shadow reads must agree.</summary>
    ShadowReads = 11,

    /// <summary>The way back must have been walked.</summary>
    ReversePath = 12,
}
