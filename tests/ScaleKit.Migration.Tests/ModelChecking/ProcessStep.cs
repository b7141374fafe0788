namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>What an event does to a process in some state.</summary>
/// <param name="Next">The state afterwards.</param>
/// <param name="Outcomes">The operations that have ended, in their order.</param>
/// <param name="AlarmsSet">Bit i: actor i of the process has set a timer.</param>
internal sealed record ProcessStep(ProcessState Next, IReadOnlyList<Outcome> Outcomes, uint AlarmsSet);
