using System.Globalization;

namespace ScaleKit.Migration;

/// <summary>Compares the evidence with what the options ask for, on the moves towards the new store.</summary>
internal sealed class CutoverGate(CutoverGateOptions options, bool requireVerification)
{
    public double Confidence => options.ShadowConfidence;

    public void Check(MigrationPhase from, MigrationPhase target, MigrationState state, GateEvidence evidence, List<UnmetCondition> missing)
    {
        if (requireVerification && PhaseProtocol.NeedsVerifiedMirror(from, target))
        {
            Verified(state, evidence, missing);
        }

        if (!PhaseProtocol.IsCutover(from, target))
        {
            return;
        }

        if (options.DebtFreeFor > evidence.DebtFreeFor)
        {
            missing.Add(new(
                GateCondition.DebtFree, $"{evidence.DebtFreeFor}", $"{options.DebtFreeFor}", $"The repair has been free of debt for {evidence.DebtFreeFor}; {options.DebtFreeFor} are asked for."));
        }

        if (options.MaximumLag is { } lag && evidence.Lag > lag)
        {
            missing.Add(new(GateCondition.Lag, $"{evidence.Lag}", $"at most {lag}", $"The oldest debt is {evidence.Lag} old; at most {lag} is asked for."));
        }

        if (options.MaximumShadowMismatchRate is { } rate && evidence.ShadowMismatchBound > rate)
        {
            var measured = $"{evidence.ShadowMismatches} mismatches in {evidence.ShadowReads} reads: at most {Percent(evidence.ShadowMismatchBound)} at {Percent(options.ShadowConfidence)} confidence";
            missing.Add(new(GateCondition.ShadowReads, measured, $"at most {Percent(rate)}", $"Shadow reads show {measured}; at most {Percent(rate)} is asked for."));
        }

        if (options.RequireReversePath && from >= MigrationPhase.ReadNew && !(state.ReversedFrom >= from))
        {
            missing.Add(new(
                GateCondition.ReversePath,
                state.ReversedFrom?.Title() ?? "not walked",
                $"walked from {from.Title()}",
                $"The way back from {from.Title()} has not been walked: go back one rung and forward again."));
        }
    }

    private void Verified(MigrationState state, GateEvidence evidence, List<UnmetCondition> missing)
    {
        var few = evidence.VerifiedRows < options.MinimumVerifiedRows;
        var clean = state.MirrorVerified || (evidence.VerifiedRows > 0 && options.MaximumMismatchRate > 0 && evidence.VerifiedDifferences <= options.MaximumMismatchRate * evidence.VerifiedRows);
        if (few || !clean)
        {
            missing.Add(new(
                GateCondition.Verified,
                $"{evidence.VerifiedRows} rows, {evidence.VerifiedDifferences} differences",
                $"at least {options.MinimumVerifiedRows} rows, at most {Percent(options.MaximumMismatchRate)} differences",
                clean
                    ? $"The last verification compared {evidence.VerifiedRows} rows; {options.MinimumVerifiedRows} are asked for."
                    : "No verification without differences since the backfill: run Verification."));
        }
    }

    private static string Percent(double share) => share.ToString("P3", CultureInfo.InvariantCulture);
}
