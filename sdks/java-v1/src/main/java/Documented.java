import com.amazonaws.services.dynamodbv2.AmazonDynamoDB;
import com.amazonaws.services.dynamodbv2.model.BackupNotFoundException;
import com.amazonaws.services.dynamodbv2.model.RestoreTableFromBackupRequest;

/** What guides to the SDK show, word for word. */
class Documented {
    private final AmazonDynamoDB dynamoDBClient;

    Documented(AmazonDynamoDB dynamoDBClient) {
        this.dynamoDBClient = dynamoDBClient;
    }

    void restore() {
        try {
            RestoreTableFromBackupRequest request = new RestoreTableFromBackupRequest()
                .withBackupArn("arn:aws:dynamodb:us-west-2:123456789012:table/backup/backupID")
                .withTargetTableName("restoredTable");

            dynamoDBClient.restoreTableFromBackup(request);
        } catch (BackupNotFoundException ex) {
            System.out.println("Backup not found: " + ex.getMessage());
        }
    }
}
