namespace ScaleKit.Migration.Tests;

public sealed class PostgreSqlJournalTests(PostgresFixture postgres) : MigrationJournalContract, IClassFixture<PostgresFixture>
{
    private SqlJournal? _journal;

    public override async Task DisposeAsync() => await _journal!.DisposeAsync();

    protected override Task<IMigrationJournal> CreateAsync() =>
        Task.FromResult<IMigrationJournal>(_journal = new SqlJournal(postgres.Source().CreateConnection, SqlDialect.PostgreSql, postgres.NextTable()));
}
